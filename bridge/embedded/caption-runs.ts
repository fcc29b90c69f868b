/** One run over chosen captions: through the engine and its journal, or, when nothing may be written, without them. */
import type {
  BatchView,
  ClaimedItem,
  ItemInput,
  ItemInputs,
  ItemSelection,
  Operation,
  Prepared,
  UnitEnd,
} from '../batch/ports.ts';
import type { Log } from '../log.ts';
import type { Caption } from '../operations/captions/caption.ts';
import { type CaptionsConfig, toAtOnce } from '../operations/captions/config.ts';
import { type CaptionsOperationParts, createCaptionsOperation } from '../operations/captions/operation.ts';
import type { CaptionStats } from '../operations/captions/outcome.ts';
import { createFixedLimiter } from '../resources/fixed-limiter.ts';
import { anyPath, toRow } from './caption-input.ts';
import { Counted, type Settled } from './caption-results.ts';
import type { PublishCall } from './captions.ts';
import { openEmbeddedEngine, toRunFolder } from './engine.ts';
import { followBatch } from './follow-batch.ts';

export type CaptionRun = {
  captions: readonly Caption[];
  server: string;
  config: CaptionsConfig;
  call: PublishCall;
  log: Log;
  operation: Pick<CaptionsOperationParts, 'connection' | 'pace' | 'policy'>;
};

/** Goes on with the same captions where an earlier run was cut off. */
export async function runCaptions(run: CaptionRun, dataDir: string): Promise<CaptionStats> {
  const { captions, config, call, log } = run;
  const counted = new Counted(run);
  if (call.signal?.aborted) {
    for (const { image_id } of captions) counted.add({ ref: image_id, status: 'pending' });
    return counted.stats();
  }
  const engine = await openEmbeddedEngine({
    dataDir: toRunFolder(dataDir, 'captions', run.server),
    log,
    operation: ({ inputs }) => toOperation(run, inputs),
  });
  try {
    const items = captions.map(toRow);
    const { batch_id } = await engine.startOrGoOn({ operation: 'captions', items, config });
    const stop = engine.subscribe((event) => {
      if (event.type !== 'photos_settled' || event.batch_id !== batch_id) return;
      for (const item of event.photos) call.onResult?.(counted.toResult(item));
    });
    await followBatch(engine.api, batch_id, call);
    stop();
    for await (const item of engine.api.results(batch_id)) counted.add(item);
    return counted.stats();
  } finally {
    await engine.close(0);
  }
}

const NO_BATCH = 'dry-run';

/** Without engine and journal: not even a folder is made. */
export async function planCaptions(run: CaptionRun): Promise<CaptionStats> {
  const { captions, config, call } = run;
  const kept = new Map<number, ItemInput>();
  const operation = toOperation(run, {
    save: async () => undefined,
    read: async (_batchId, items) => new Map(items.flatMap((item) => toEntry(kept, item))),
  });
  const prepared = await operation.prepare(NO_BATCH, config);
  const selection = await operation.select?.({ items: captions.map(toRow) }, prepared.config);
  const { items = [], units = [] } = selection ?? {};
  for (const [i, { input }] of items.entries()) kept.set(i, { i, v: input });
  const counted = new Counted(run);
  const planned = items.map(({ ref }): Settled => ({ ref, status: 'pending' }));
  const signal = call.signal ?? new AbortController().signal;
  const atWork = operation.open(toView(prepared, items.length));
  await atOnce(toUnits(items, units), toAtOnce(config), async (unit) => {
    if (signal.aborted) return;
    const ends = await atWork.run(unit, signal);
    for (const [place, { item }] of unit.entries()) {
      const settled = toSettled(item.ref, ends[place]);
      planned[item.index] = settled;
      if (settled.status !== 'pending') call.onResult?.(counted.toResult(settled));
    }
  });
  for (const settled of planned) counted.add(settled);
  return counted.stats();
}

async function atOnce<T>(all: readonly T[], places: number, step: (one: T) => Promise<void>): Promise<void> {
  const queue = all.values();
  const work = async (): Promise<void> => {
    for (const one of queue) await step(one);
  };
  await Promise.all(Array.from({ length: Math.min(places, all.length) }, work));
}

function toView({ config, recipeHash }: Prepared, total: number): BatchView {
  return {
    id: NO_BATCH,
    createdAt: '',
    config,
    recipe: undefined,
    recipeHash,
    total,
    async *results() {},
  };
}

function toEntry(kept: ReadonlyMap<number, ItemInput>, item: number): [number, ItemInput][] {
  const input = kept.get(item);
  return input === undefined ? [] : [[item, input]];
}

function toUnits(items: ItemSelection['items'], sizes: readonly number[]): ClaimedItem[][] {
  let start = 0;
  return sizes.map((size) => {
    const first = start;
    start += size;
    return items.slice(first, start).map(({ ref }, place) => {
      const index = first + place;
      return { item: { index, photoId: index + 1, ref, attempt: 1 }, name: '', path: null };
    });
  });
}

function toSettled(ref: Settled['ref'], end: UnitEnd | undefined): Settled {
  if (end?.kind === 'storage') return { ref, status: 'failed', failure: end.failure };
  if (end?.kind !== 'settled') return { ref, status: 'pending' };
  const { s, d, f } = end.result;
  return { ref, status: s, ...(d && { details: d }), ...(f && { failure: f }) };
}

function toOperation({ config, log, operation }: CaptionRun, inputs: ItemInputs): Operation {
  const limiter = createFixedLimiter(toAtOnce(config));
  return createCaptionsOperation({ ...operation, inputs, limiter, paths: anyPath, log });
}
