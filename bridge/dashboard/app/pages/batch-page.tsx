/** One batch: its figures, its items one by one, why some failed, its log, its downloads. */
import { useEffect, useMemo, useState } from 'hono/jsx/dom';
import type { BatchStatusObject, ItemResult, ItemStatus } from '../../../client/index.ts';
import { Actions } from '../parts/actions.tsx';
import { DryRunNote, Started } from '../parts/batch-notes.tsx';
import { Failures } from '../parts/failures.tsx';
import { ItemPanel } from '../parts/item-panel.tsx';
import { ItemRows } from '../parts/item-rows.tsx';
import { LogLines } from '../parts/log-lines.tsx';
import { PhotoGrid } from '../parts/photo-grid.tsx';
import { Badges, BatchFigures, Reasons } from '../parts/progress.tsx';
import type { PageProps } from '../routes.ts';
import { client, live } from '../state/bridge.ts';
import { createItemList, type ItemList } from '../state/item-list.ts';
import { toSentence } from '../state/messages.ts';
import { useSelected } from '../state/store.ts';
import { type BatchConfig, useBatchConfig } from '../state/use-batch-config.ts';
import { toTitle } from '../words/batch.ts';
import { capitalise, operationWords } from '../words/operation.ts';
import { toMoment } from '../words/time.ts';

export function BatchPage({ params }: PageProps) {
  const batchId = params.batch_id ?? '';
  const status = useSelected(live.store, (state) => state.batches.get(batchId));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    live.fetch(batchId).catch((thrown: unknown) => setProblem(toSentence(thrown)));
  }, [batchId]);
  if (status === undefined) {
    return (
      <div class="page">
        <h1 tabindex={-1}>{problem === null ? 'Batch' : 'There is no such batch'}</h1>
        <p role="status">{problem ?? 'Loading…'}</p>
      </div>
    );
  }
  return <Batch status={status} />;
}

function Batch({ status }: { status: BatchStatusObject }) {
  const batchId = status.batch_id;
  const config = useBatchConfig(status);
  return (
    <div class="page">
      <article class="card batch" data-batch={batchId} data-seq={status.seq}>
        <header>
          <div>
            <h1 tabindex={-1}>{toTitle(status)}</h1>
            <p class="meta">
              <time dateTime={status.created_at}>{toMoment(status.created_at)}</time>
              <code>{batchId}</code>
            </p>
          </div>
          <Badges status={status} />
        </header>
        <BatchFigures status={status} />
        <div class="batch-foot">
          <Actions status={status}>
            <Downloads batchId={batchId} />
          </Actions>
          <Reasons status={status} />
        </div>
        <Started config={config} />
      </article>
      <DryRunNote status={status} config={config} />
      <Warnings status={status} />
      <Failures status={status} />
      <Items status={status} config={config} />
      <LogLines status={status} />
    </div>
  );
}

function Warnings({ status }: { status: BatchStatusObject }) {
  const { warnings = [] } = status;
  if (warnings.length === 0) return null;
  return (
    <aside class="warning" aria-label="Warnings">
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </aside>
  );
}

const filters: readonly (readonly [ItemStatus | null, string])[] = [
  [null, 'All'],
  ['processed', 'Done'],
  ['failed', 'Failed'],
  ['skipped', 'Skipped'],
  ['in_flight', 'In work'],
  ['pending', 'To do'],
];

function Items({ status, config }: { status: BatchStatusObject; config: BatchConfig | null }) {
  const { batch_id, operation, total_photos } = status;
  const [filter, setFilter] = useState<ItemStatus | null>(null);
  const [chosen, setChosen] = useState<ItemResult | null>(null);
  const list = useMemo(() => openList(batch_id, filter), [batch_id, filter]);
  useEffect(() => followList(list, batch_id), [list]);
  const { many } = operationWords(operation);
  const shown = {
    list,
    total: filter === null ? total_photos : null,
    chosen: chosen?.photo_id ?? null,
    onChoose: setChosen,
  };
  return (
    <section class="card photos" aria-labelledby="items">
      <div class="section-head">
        <h2 id="items">{capitalise(many)}</h2>
        <fieldset class="segments">
          <legend class="unseen">Which {many} are shown</legend>
          {filters.map(([value, word]) => (
            <label key={word}>
              <input type="radio" name="items" checked={value === filter} onInput={() => setFilter(value)} />
              <span>{word}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <div class={chosen === null ? 'viewer' : 'viewer open'}>
        {operation === 'develop' ? (
          <PhotoGrid key={String(filter)} {...shown} />
        ) : (
          <ItemRows key={String(filter)} {...shown} batchId={batch_id} operation={operation} />
        )}
        {chosen !== null && (
          <ItemPanel
            key={chosen.photo_id}
            batch={status}
            config={config}
            item={chosen}
            onClose={() => setChosen(null)}
          />
        )}
      </div>
    </section>
  );
}

function openList(batchId: string, filter: ItemStatus | null): ItemList {
  return createItemList({
    filter,
    read: (cursor, limit) => client.batches.photos(batchId, { limit, cursor, status: filter ?? undefined }),
    explain: toSentence,
  });
}

/** Keeps the list current until it is left. */
function followList(list: ItemList, batchId: string): () => void {
  const leaving = new AbortController();
  const follow = async () => {
    const events = client.events({ channels: [`batch:${batchId}`], signal: leaving.signal });
    for await (const event of events) {
      if (event.type === 'photos_settled') list.take(event.photos);
      // Which photos wait or are in work changes with these; after a connection that was lost, anything may have.
      else if (event.type !== 'batch_progress') list.reloadSoon();
    }
  };
  // The batch was forgotten meanwhile: the page says so.
  follow().catch(() => undefined);
  return () => {
    leaving.abort();
    list.close();
  };
}

function Downloads({ batchId }: { batchId: string }) {
  return (
    <>
      <a class="button" href={`/batch/${batchId}/results.csv`} download>
        Results (CSV)
      </a>
      <a class="button" href={`/batch/${batchId}/results.json`} download>
        Results (JSON)
      </a>
    </>
  );
}
