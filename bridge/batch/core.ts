/** What the parts of the engine share, and the few steps more than one of them takes. Owns no rule of its own. */
import type { OperationName, StoredResult } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Ages } from './age.ts';
import type { Announcer } from './announcer.ts';
import type { Batch } from './batch.ts';
import type { BatchLog } from './batch-log.ts';
import type { Committer } from './committer.ts';
import { guardRun } from './guarded-run.ts';
import type { Keeper } from './keeper.ts';
import type { Lane } from './lane.ts';
import type {
  AllInputs,
  BatchStore,
  BatchView,
  Clock,
  Limiter,
  Operation,
  OperationRun,
  PhotoSource,
  SafeMode,
  UnseenDeaths,
} from './ports.ts';
import type { Registry } from './registry.ts';
import type { StatusContext } from './status.ts';

const RESULTS_A_READ = 500;

export type Core = {
  registry: Registry;
  committer: Committer;
  keeper: Keeper;
  announcer: Announcer;
  batchLog: BatchLog;
  lanes: ReadonlyMap<OperationName, Lane>;
  store: BatchStore;
  photos: PhotoSource;
  clock: Clock;
  ages: Ages;
  safeMode: SafeMode;
  unseenDeaths: UnseenDeaths;
  log: Log;
  maxPhotos: number;
  inputs: AllInputs;
};

export function laneOf(core: Pick<Core, 'lanes'>, operation: OperationName): Lane {
  const lane = core.lanes.get(operation);
  if (lane !== undefined) return lane;
  const known = [...core.lanes.keys()].join(', ');
  throw new BridgeError(
    'unprocessable',
    `operation: "${operation}" is not available in this version (there is: ${known})`,
  );
}

export function operationOf(core: Pick<Core, 'lanes'>, batch: { operation: OperationName }): Operation {
  return laneOf(core, batch.operation).operation;
}

/** Its items are photos of the catalog. */
export function takesPhotos({ lanes }: Pick<Core, 'lanes'>, batch: { operation: OperationName }): boolean {
  const lane = lanes.get(batch.operation);
  // A state file can name an operation this version does not have: its items are no photos, whatever their numbers.
  return lane === undefined ? batch.operation === 'develop' : lane.operation.select === undefined;
}

export function viewOf(core: Pick<Core, 'keeper'>, batch: Batch): BatchView {
  const { id, createdAt, config, recipe, recipeHash } = batch;
  const results = () => resultsOf(core, batch);
  return { id, createdAt, config, recipe, recipeHash, total: batch.items.total, results };
}

async function* resultsOf({ keeper }: Pick<Core, 'keeper'>, batch: Batch): AsyncGenerator<StoredResult> {
  for (let start = 0; start < batch.items.total; start += RESULTS_A_READ) {
    const end = Math.min(start + RESULTS_A_READ, batch.items.total);
    const settled: number[] = [];
    for (let index = start; index < end; index += 1) if (batch.items.isSettled(index)) settled.push(index);
    const found = await keeper.results(batch, settled);
    for (const index of settled) {
      const result = found.get(index);
      if (result !== undefined) yield result;
    }
  }
}

export function openRun(core: Pick<Core, 'lanes' | 'log' | 'clock' | 'keeper'>, batch: Batch): OperationRun {
  return guardRun(operationOf(core, batch).open(viewOf(core, batch)), core, () => {
    batch.trouble.isLittered = true;
  });
}

export function statusContext(core: Pick<Core, 'lanes' | 'clock'>, batch: Batch): StatusContext {
  // A state file can name an operation this version does not have: it is shown all the same.
  return { clock: core.clock, limiter: core.lanes.get(batch.operation)?.operation.limiter ?? noLimiter };
}

const noLimiter: Limiter = { limit: 0, capacity: 0, reason: null, hold: null, onChange: () => () => {} };

/** Changes need a writable state folder; essential ones may find room on a full disk all the same. */
export function checkWritable(core: Pick<Core, 'store'>, { essential = false } = {}): void {
  const refusal = core.store.readOnly();
  if (refusal === null || (essential && refusal.code === 'disk_full')) return;
  throw new BridgeError(refusal.code, `changes cannot be recorded now: ${refusal.reason}`);
}

export function note(
  core: Pick<Core, 'batchLog' | 'clock'>,
  batch: Batch,
  message: string,
  level: 'info' | 'warn' | 'error' = 'info',
): void {
  core.batchLog.add(batch.id, { timestamp: core.clock.iso(), level, message });
}
