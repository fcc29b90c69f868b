/** The newest log lines of a batch. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { BatchLogAnswer, BatchStatusObject } from '../../../client/index.ts';
import { client } from '../state/bridge.ts';
import { toClock } from '../words/time.ts';

type Lines = BatchLogAnswer['lines'];
const SHOWN = 100;
const EVERY_MS = 1500;

export function LogLines({ status }: { status: BatchStatusObject }) {
  const [lines, setLines] = useState<Lines>([]);
  useEffect(() => {
    const leaving = new AbortController();
    // Many changes a second are one look at the log.
    const timer = setTimeout(
      () => {
        client.batches
          .log(status.batch_id, undefined, { signal: leaving.signal })
          .then((answer) => setLines(answer.lines.slice(-SHOWN).reverse()))
          .catch(() => undefined);
      },
      lines.length === 0 ? 0 : EVERY_MS,
    );
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [status.batch_id, Math.floor(status.seq / 20), status.status]);
  return (
    <section class="card log" aria-labelledby="log">
      <div class="section-head">
        <h2 id="log">Log</h2>
        <a href={`/batch/${status.batch_id}/log`} target="_blank" rel="noopener">
          All lines (JSON)
        </a>
      </div>
      {lines.length === 0 ? (
        <p class="nothing">Nothing was logged since the daemon started.</p>
      ) : (
        <ol tabindex={0} aria-label="Log lines, newest first">
          {lines.map((line) => (
            <li key={line.seq} data-level={line.level}>
              <time dateTime={line.timestamp}>{toClock(line.timestamp)}</time>
              <span>{line.message}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
