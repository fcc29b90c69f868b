/** One run over the rows of an inventory through the engine and its journal: started or gone on with, followed, counted. */
import { hashOf } from '../batch/canonical.ts';
import type { ItemInputs } from '../batch/ports.ts';
import { BridgeError } from '../errors.ts';
import { createLog } from '../log.ts';
import type { ListingsConfig } from '../operations/listings/config.ts';
import { parseRows, toKeptItem } from '../operations/listings/listing-item.ts';
import { createListingsOperation, type ListingsOperation } from '../operations/listings/operation.ts';
import { type ListingResult, toLocalDate } from '../operations/listings/post-row.ts';
import type { Poster } from '../operations/listings/poster.ts';
import { createProgress, type OnProgress, tell } from '../operations/listings/progress.ts';
import { toListingResult } from '../operations/listings/row-result.ts';
import { type RunResult, toRunResult } from '../operations/listings/run-result.ts';
import { selectRows } from '../operations/listings/status.ts';
import { systemClock } from '../resources/clock.ts';
import { createFixedLimiter } from '../resources/fixed-limiter.ts';
import { type EmbeddedEngine, openEmbeddedEngine, toRunFolder } from './engine.ts';
import { followBatch } from './follow-batch.ts';

type Row = Readonly<Record<string, unknown>>;
export type ListingsRunOptions = {
  poster: Poster;
  config: Pick<ListingsConfig, 'mode' | 'concurrent'> & Record<string, unknown>;
  /** `file`: real path. */
  source: { file: string } | { rows: readonly Row[] };
  onProgress?: OnProgress;
  onHold?: (reason: string | null) => unknown;
  signal?: AbortSignal;
};

/** Goes on with the same run where it was cut off. Rejects with BridgeError when it cannot begin. */
export async function runListings(run: ListingsRunOptions, dataDir: string): Promise<RunResult> {
  const opened = await openRun(run, dataDir);
  const { engine, settled, close } = opened;
  try {
    const started = await start(run, opened);
    if ('left_out' in started) return nothingToDo(started.left_out);
    const { batch_id, before } = started;
    const total = engine.api.status(batch_id).total_photos;
    settled.begin(createProgress(total, run.onProgress, before));
    const status = await followBatch(engine.api, batch_id, { signal: run.signal });
    const end = await collect(opened, batch_id);
    const { faults, missed } = await close();
    const interrupted = end.results.length < end.selected || status.status === 'paused';
    return toRunResult({ ...end, interrupted, missed, saveFault: faults[0] });
  } finally {
    await close();
  }
}

type Settled = { recordId: string; index: number; status: string };
type OpenedRun = {
  engine: EmbeddedEngine;
  inputs: ItemInputs;
  /** Later calls get the answer of the first. */
  close: () => ReturnType<ListingsOperation['close']>;
  settled: Omit<ReturnType<typeof createTeller>, 'onSettled'>;
};

async function openRun(run: ListingsRunOptions, dataDir: string): Promise<OpenedRun> {
  const log = createLog('silent');
  const { onSettled, ...settled } = createTeller(run);
  const parts: { operation?: ListingsOperation; inputs?: ItemInputs } = {};
  const engine = await openEmbeddedEngine({
    dataDir: toRunFolder(dataDir, 'listings', toKey(run.source)),
    log,
    operation: ({ inputs }) => {
      parts.inputs = inputs;
      parts.operation = createListingsOperation({
        inputs,
        log,
        clock: systemClock,
        today: () => toLocalDate(new Date()),
        limiter: createFixedLimiter(run.config.concurrent),
        poster: run.poster,
        onSettled,
      });
      return parts.operation;
    },
  });
  const { operation, inputs } = parts;
  if (operation === undefined || inputs === undefined) throw new Error('the engine made no operation');
  let closing: ReturnType<ListingsOperation['close']> | undefined;
  const close = async () => {
    await engine.close(0);
    return operation.close();
  };
  return { engine, inputs, settled, close: () => (closing ??= close()) };
}

/** Rows have no place of their own: those of the same records are the same run. */
function toKey(source: ListingsRunOptions['source']): string {
  if ('file' in source) return source.file;
  return `rows ${hashOf(parseRows(source.rows).map(({ record }) => record.bucket_truck_id))}`;
}

type Started = { batch_id: string; before: number } | { left_out: number };

async function start(run: ListingsRunOptions, { engine, settled }: OpenedRun): Promise<Started> {
  const { api } = engine;
  const { source, config } = run;
  // What the last run left under way is settled by now, and counts as done before this one.
  const left = api.list({ limit: 1000, status: 'paused' }).batches;
  engine.subscribe((event) => {
    if (event.type === 'hold_placed' && event.hold.owner === 'storage')
      tell(() => run.onHold?.(event.hold.reason));
    if (event.type === 'hold_lifted' && event.hold.owner === 'storage') tell(() => run.onHold?.(null));
  });
  settled.arm();
  const from = 'file' in source ? { file: source.file } : { items: [...source.rows] };
  try {
    const { batch_id } = await engine.startOrGoOn({ operation: 'listings', ...from, config });
    const same = left.find((batch) => batch.batch_id === batch_id);
    return { batch_id, before: (same?.processed_count ?? 0) + (same?.failed_count ?? 0) };
  } catch (thrown) {
    const left_out = thrown instanceof BridgeError ? thrown.extensions.left_out : undefined;
    if (typeof left_out === 'number') return { left_out };
    throw thrown;
  }
}

function nothingToDo(skipped: number): RunResult {
  return toRunResult({ selected: 0, skipped, results: [], interrupted: false });
}

/** What is settled before the total is known waits to be told. */
function createTeller({ source, config }: ListingsRunOptions) {
  const rows = 'rows' in source ? source.rows : [];
  const selected = rows.length === 0 ? [] : selectRows(parseRows(rows), config.mode);
  const waiting: Settled[] = [];
  let isArmed = false;
  let progress: ((recordId: string) => void) | null = null;
  /** Of the caller's own row, as of the seed's data frame. */
  const setStatus = (index: number, status: string): void => {
    const row = rows[(selected[index]?.row ?? 0) - 1];
    if (row === undefined) return;
    const name = Object.keys(row).find((key) => key.trim().toLowerCase() === 'posting_status');
    Reflect.set(row, name ?? 'posting_status', status);
  };
  return {
    setStatus,
    onSettled({ index, recordId, status }: Settled): void {
      setStatus(index, status);
      if (progress !== null) progress(recordId);
      else if (isArmed) waiting.push({ index, recordId, status });
    },
    arm(): void {
      isArmed = true;
    },
    begin(tellProgress: (recordId: string) => void): void {
      progress = tellProgress;
      for (const { recordId } of waiting.splice(0)) progress(recordId);
    },
  };
}

async function collect({ engine, inputs, settled }: OpenedRun, batchId: string) {
  const results: ListingResult[] = [];
  let [selected, leftOut] = [0, 0];
  for await (const item of engine.api.results(batchId)) {
    const result = toListingResult(item);
    if (result !== null) {
      settled.setStatus(selected + leftOut, result.status_update);
      results.push(result);
    }
    if (item.status === 'skipped') leftOut += 1;
    else selected += 1;
  }
  const first = toKeptItem((await inputs.read(batchId, [0])).get(0));
  return { selected, skipped: (first?.item.left_out ?? 0) + leftOut, results };
}
