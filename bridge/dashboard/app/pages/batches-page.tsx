/** All batches, newest first, each with its live figures and what can be done with it. */
import { memo, useState } from 'hono/jsx/dom';
import type { BatchStatusObject } from '../../../client/index.ts';
import { Actions } from '../parts/actions.tsx';
import { CleanUp } from '../parts/clean-up.tsx';
import { Badges, BatchFigures, Reasons } from '../parts/progress.tsx';
import { client, live, messages } from '../state/bridge.ts';
import { useSelected } from '../state/store.ts';
import { toTitle } from '../words/batch.ts';
import { toMoment } from '../words/time.ts';

const filters = {
  all: { word: 'All', fits: () => true },
  open: { word: 'Unfinished', fits: ({ status }: BatchStatusObject) => isOpen(status) },
  over: { word: 'Finished', fits: ({ status }: BatchStatusObject) => !isOpen(status) },
} as const;
type Filter = keyof typeof filters;

function isOpen(status: BatchStatusObject['status']): boolean {
  return status === 'pending' || status === 'running' || status === 'paused';
}

export function BatchesPage() {
  const state = useSelected(live.store, (now) => now.order);
  const batches = useSelected(live.store, (now) => now.batches);
  const isLoaded = useSelected(live.store, (now) => now.isLoaded);
  const nextCursor = useSelected(live.store, (now) => now.nextCursor);
  const [filter, setFilter] = useState<Filter>('all');
  const shown = state.flatMap((id) => batches.get(id) ?? []).filter(filters[filter].fits);
  const isAnyRecovered = [...batches.values()].some(({ recovered }) => recovered === true);
  return (
    <div class="page">
      <div class="page-head">
        <h1 tabindex={-1}>Batches</h1>
        <FilterChoice filter={filter} onChoose={setFilter} />
        <div class="actions">
          <CleanUp />
          <a class="button primary" href="#/start">
            New batch
          </a>
        </div>
      </div>
      {isAnyRecovered && <RecoveredNote />}
      <ul class="batches" aria-label="Batches, newest first" aria-busy={isLoaded ? 'false' : 'true'}>
        {shown.map((status) => (
          <li key={status.batch_id}>
            <BatchCard status={status} />
          </li>
        ))}
      </ul>
      {isLoaded && shown.length === 0 && <Nothing filter={filter} />}
      {nextCursor !== null && (
        <button type="button" class="more" onClick={() => void live.more()}>
          Show older batches
        </button>
      )}
    </div>
  );
}

function FilterChoice({ filter, onChoose }: { filter: Filter; onChoose: (filter: Filter) => void }) {
  return (
    <fieldset class="segments">
      <legend class="unseen">Which batches are shown</legend>
      {(Object.keys(filters) as Filter[]).map((name) => (
        <label key={name}>
          <input type="radio" name="filter" checked={name === filter} onInput={() => onChoose(name)} />
          <span>{filters[name].word}</span>
        </label>
      ))}
    </fieldset>
  );
}

const BatchCard = memo(({ status }: { status: BatchStatusObject }) => (
  <article
    class="card batch"
    data-batch={status.batch_id}
    data-seq={status.seq}
    aria-labelledby={`title-${status.batch_id}`}
  >
    <header>
      <div>
        <h2 id={`title-${status.batch_id}`}>
          <a href={`#/batch/${status.batch_id}`}>{toTitle(status)}</a>
        </h2>
        <p class="meta">
          <time dateTime={status.created_at}>{toMoment(status.created_at)}</time>
          <code>{status.batch_id}</code>
        </p>
      </div>
      <Badges status={status} />
    </header>
    <BatchFigures status={status} />
    <div class="batch-foot">
      <Actions status={status}>
        {!isOpen(status.status) && (
          <a class="button" href={`#/batch/${status.batch_id}`}>
            Open
          </a>
        )}
      </Actions>
      <Reasons status={status} />
    </div>
  </article>
));

/** The daemon marks them until somebody has asked about them. */
function RecoveredNote() {
  async function askAbout(): Promise<void> {
    await messages.report(() => client.batches.recover());
    live.refreshSoon();
  }
  return (
    <aside class="note" aria-label="Recovered batches">
      <p>
        The daemon was interrupted while batches ran. They have been recovered: what was done is done, and the
        rest waits for you to resume it.
      </p>
      <button type="button" onClick={() => void askAbout()}>
        Understood
      </button>
    </aside>
  );
}

function Nothing({ filter }: { filter: Filter }) {
  if (filter !== 'all')
    return <p class="nothing">No batch is {filter === 'open' ? 'unfinished' : 'finished'}.</p>;
  return (
    <div class="nothing">
      <p>No batches yet.</p>
      <p>
        <a class="button primary" href="#/start">
          Develop a folder of photos
        </a>
      </p>
      <p>
        Or <a href="#/captions">publish captions</a>, or <a href="#/listings">post listings</a>.
      </p>
    </div>
  );
}
