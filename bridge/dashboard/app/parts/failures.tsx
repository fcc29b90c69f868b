/** The failed items of a batch by their reason, each with examples and a way to try them again. */
import { useEffect, useState } from 'hono/jsx/dom';
import type { BatchStatusObject, FailureCode, ItemResult } from '../../../client/index.ts';
import { client, live, messages } from '../state/bridge.ts';
import { toFailureTitle } from '../words/batch.ts';
import { toItemName } from '../words/item.ts';
import { operationWords } from '../words/operation.ts';

const LOOKED_AT = 200;
const EXAMPLES = 3;

export function Failures({ status }: { status: BatchStatusObject }) {
  const codes = Object.entries(status.failure_codes).sort(([, a], [, b]) => b - a);
  const [failed, setFailed] = useState<readonly ItemResult[]>([]);
  useEffect(() => {
    if (status.failed_count === 0) return;
    const leaving = new AbortController();
    client.batches
      .photos(status.batch_id, { status: 'failed', limit: LOOKED_AT }, { signal: leaving.signal })
      .then(({ photos }) => setFailed(photos))
      .catch(() => undefined);
    return () => leaving.abort();
  }, [status.batch_id, status.failed_count]);
  if (codes.length === 0) return null;
  const isOver = status.status === 'completed' || status.status === 'failed';

  async function retry(code: string): Promise<void> {
    await messages.report(() =>
      client.batches.retryFailed(status.batch_id, { codes: [code as FailureCode] }),
    );
    live.refreshSoon();
  }

  return (
    <section class="card failures" aria-labelledby="failures">
      <h2 id="failures">Why {operationWords(status.operation).many} failed</h2>
      <ul>
        {codes.map(([code, count]) => (
          <li key={code} data-code={code}>
            <div>
              <h3>
                {toFailureTitle(code)} <span class="count">{count.toLocaleString('en')}</span>
              </h3>
              <Examples items={failed.filter(({ failure }) => failure?.code === code).slice(0, EXAMPLES)} />
            </div>
            {isOver && (
              <button type="button" onClick={() => void retry(code)}>
                Retry these
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Examples({ items }: { items: readonly ItemResult[] }) {
  return (
    <ul class="examples">
      {items.map((item) => (
        <li key={item.photo_id}>
          <b>{toItemName(item)}</b> {item.failure?.message}
        </li>
      ))}
    </ul>
  );
}
