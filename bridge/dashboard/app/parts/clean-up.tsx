/** Forgetting finished batches. It asks the daemon first which those would be, and says so. */
import { useEffect, useState } from 'hono/jsx/dom';
import { client, live, messages } from '../state/bridge.ts';
import { toSentence } from '../state/messages.ts';
import { Ask } from './ask.tsx';

export function CleanUp() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Clean up…
      </button>
      {asking && <CleanUpDialog onClose={() => setAsking(false)} />}
    </>
  );
}

const ages = [
  [0, 'all that are finished'],
  [1, 'finished over a day ago'],
  [7, 'finished over a week ago'],
  [30, 'finished over a month ago'],
] as const;

function CleanUpDialog({ onClose }: { onClose: () => void }) {
  const [days, setDays] = useState(7);
  const [told, setTold] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    client.batches
      .cleanup({ days_old: days, dry_run: true }, { signal: leaving.signal })
      .then(({ cleaned_count }) => setTold(toAnnouncement(cleaned_count)))
      .catch((thrown: unknown) => {
        if (!leaving.signal.aborted) setTold(toSentence(thrown));
      });
    return () => leaving.abort();
  }, [days]);

  async function cleanUp(): Promise<void> {
    await messages.report(() => client.batches.cleanup({ days_old: days }));
    live.refreshSoon();
  }

  return (
    <Ask
      title="Clean up finished batches"
      text="The daemon forgets them and their results. Photos and outputs are never touched."
      yes="Clean up"
      onYes={() => void cleanUp()}
      onClose={onClose}
    >
      <label class="field">
        <span>Batches</span>
        <select
          value={String(days)}
          onInput={(event: Event) => setDays(Number((event.target as HTMLSelectElement).value))}
        >
          {ages.map(([value, word]) => (
            <option key={value} value={String(value)} selected={value === days}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <p role="status">{told}</p>
    </Ask>
  );
}

function toAnnouncement(count: number): string {
  if (count === 0) return 'There are none.';
  return count === 1 ? 'That is 1 batch.' : `That are ${count.toLocaleString('en')} batches.`;
}
