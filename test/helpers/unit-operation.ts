/** An operation over items without pixels: the real engine and journal with nothing to render. Tests and the bench steer it. */
import type {
  BatchView,
  ClaimEnd,
  ItemSelection,
  ItemSource,
  ItemView,
  Limiter,
  Operation,
  OperationRun,
  Prepared,
  UnitEnd,
} from '../../bridge/batch/ports.ts';
import type { Failure, FailureCode, PlanItem } from '../../bridge/contract/index.ts';

export type UnitScript = {
  /** How many run at once. */
  slots?: number;
  /** What becomes of an item. Default: processed at once. */
  run?: (item: ItemView, signal: AbortSignal, batch: BatchView) => Promise<UnitEnd> | UnitEnd;
  ready?: (at?: Parameters<OperationRun['ready']>[0]) => Failure | null;
  adopt?: (item: ItemView, name: string) => boolean;
  prepare?: (config: BatchView['config']) => Partial<Prepared>;
  folder?: (config: BatchView['config']) => string;
  /** Called before each of these steps; may throw or wait. */
  claim?: (item: ItemView) => Promise<void> | void;
  discard?: (item: ItemView) => Promise<void> | void;
  settled?: (item: ItemView) => Promise<void> | void;
  /** Its items are no photos: each is taken as it comes, and these are the sizes of the units. */
  units?: readonly number[];
  atOnce?: number;
  rest?: OperationRun['rest'];
  /** Told of each call of `run`. */
  onUnit?: (indices: readonly number[], signal: AbortSignal) => Promise<void> | void;
};

export type UnitOperation = Operation & {
  /** Items handed to `run`, in order. */
  readonly ran: { batchId: string; index: number; attempt: number }[];
  readonly settled: string[];
  readonly discarded: string[];
  running: number;
  maxRunning: number;
};

export function createUnitOperation(
  script: UnitScript = {},
  options: { record?: boolean } = {},
): UnitOperation {
  const record = options.record ?? true;
  const operation: UnitOperation = {
    name: 'develop',
    limiter: createSteadyLimiter(script.slots ?? 2),
    ...(script.units !== undefined && {
      async select(source: ItemSource): Promise<ItemSelection> {
        const items = 'items' in source ? source.items : [];
        return { items: items.map((input) => ({ ref: `${input}`, input })), units: script.units ?? [] };
      },
    }),
    ran: [],
    settled: [],
    discarded: [],
    running: 0,
    maxRunning: 0,
    async prepare(_batchId, config) {
      return { config, recipeHash: 'none', warnings: [], ...script.prepare?.(config) };
    },
    open: (batch) => openRun(operation, script, { batch, record }),
  };
  return operation;
}

function openRun(
  operation: UnitOperation,
  script: UnitScript,
  { batch, record }: { batch: BatchView; record: boolean },
): OperationRun {
  return {
    folder: script.folder?.(batch.config) ?? null,
    ...(script.atOnce !== undefined && { atOnce: script.atOnce }),
    ...(script.rest !== undefined && { rest: script.rest }),
    ready: async (at) => script.ready?.(at) ?? null,
    claim: async (item): Promise<ClaimEnd> => {
      await script.claim?.(item);
      return { ok: true, name: `${item.index}.out`, path: `/photos/${item.photoId}` };
    },
    async run(unit, signal) {
      await script.onUnit?.(
        unit.map(({ item }) => item.index),
        signal,
      );
      return Promise.all(
        unit.map(async ({ item }) => {
          if (record) operation.ran.push({ batchId: batch.id, index: item.index, attempt: item.attempt });
          operation.running += 1;
          operation.maxRunning = Math.max(operation.maxRunning, operation.running);
          try {
            return (await script.run?.(item, signal, batch)) ?? processed();
          } finally {
            operation.running -= 1;
          }
        }),
      );
    },
    async settled(item) {
      await script.settled?.(item);
      if (record) operation.settled.push(`${batch.id}:${item.index}`);
    },
    async discard(item) {
      await script.discard?.(item);
      if (record) operation.discarded.push(`${batch.id}:${item.index}`);
    },
    adopt: async (item, name) => (script.adopt?.(item, name) ? { s: 'processed', t: TIME, ms: 0 } : null),
    sweep: async () => {},
    plan: async (item): Promise<PlanItem> => ({
      photo_id: item.photoId,
      path: `/photos/${item.photoId}`,
      action: 'write',
      output_path: null,
    }),
  };
}

const TIME = '2026-01-01T00:00:00.000Z';

export function processed(): UnitEnd {
  return { kind: 'settled', result: { s: 'processed', t: TIME, ms: 1 } };
}

export function failed(code: FailureCode, retryable = false): UnitEnd {
  const f: Failure = { code, message: `made to fail: ${code}`, stage: 'run', retryable };
  return { kind: 'settled', result: { s: 'failed', t: TIME, ms: 1, f } };
}

export function createSteadyLimiter(limit: number): Limiter {
  return { limit, capacity: limit, reason: null, hold: null, onChange: () => () => {} };
}
