/** One batch in memory: the fields of its state file, its items, and what the engine remembers of it between writes. */
import type { BatchStatus, Hold, OperationName, Recipe, StateFile, StoredResult } from '../contract/index.ts';
import type { ItemTable } from './item-table.ts';
import type { ItemView } from './ports.ts';
import { RateMeter } from './rate.ts';

export type BatchConfig = Record<string, unknown> | null;

export type Batch = {
  readonly id: string;
  readonly items: ItemTable;
  readonly sessionId: number | null;
  readonly operation: OperationName;
  readonly createdAt: string;
  status: BatchStatus;
  startedAt: string | null;
  pausedAt: string | null;
  completedAt: string | null;
  config: BatchConfig;
  priority: number;
  error: string | undefined;
  holds: Hold[];
  warnings: string[];
  warningsCount: number;
  recipe: Recipe | undefined;
  recipeHash: string | undefined;
  /** Folder of stored output names; undefined while it is the run's own. */
  resultsFolder: string | undefined;
  mergedFrom: string[];
  startAt: string | undefined;
  dependsOn: string[];
  runWindow: StateFile['_run_window'];
  onUnknown: 'fail' | 'fail_item';
  idempotency: StateFile['_idempotency'];
  interrupted: StateFile['_interrupted'];
  webhook: StateFile['_webhook'];
  taskIds: unknown[];
  /** Keys of the state file that are not ours: carried through. */
  readonly extra: Record<string, unknown>;

  /** Journal seq of the last record applied. */
  seq: number;
  /** Journal seq of its `created` record; 0 when unknown (a state file of other hands). */
  createdSeq: number;
  /** Seq of the newest event about it. */
  eventSeq: number;
  /** Interrupted and left as it was (setting `recovery.on_start: leave`): not handed out until asked for. */
  dormant: boolean;
  /** Claims that the last run of the daemon left open are neither adopted nor put back yet. */
  orphaned: boolean;
  readonly trouble: StorageTrouble;
  /** Results that are in the journal but not yet in a synced item log. */
  readonly recent: Map<number, StoredResult>;
  readonly rate: RateMeter;
};

/** What a hold of the storage leaves to do. Not kept over a restart, which looks at every open claim anyway. */
export type StorageTrouble = {
  /** Items whose claim stays open, since what they wrote may be on a drive that is away. */
  stranded: Set<number>;
  /** The item that met the trouble last. */
  blockedBy: number | null;
  /** Temp files may have been left on a drive that was away. */
  isLittered: boolean;
  /** It came from another system with photos done: its output folder here was never made. */
  isFolderNew: boolean;
};

export function createBatch(
  fields: Omit<Batch, 'recent' | 'rate' | 'eventSeq' | 'dormant' | 'orphaned' | 'trouble'>,
): Batch {
  return {
    ...fields,
    eventSeq: 0,
    dormant: false,
    orphaned: false,
    trouble: { stranded: new Set(), blockedBy: null, isLittered: false, isFolderNew: false },
    recent: new Map(),
    rate: new RateMeter(),
  };
}

/** Running and not held. (Holds of all batches are the limiter's.) */
export function isServed(batch: Batch): boolean {
  return batch.status === 'running' && batch.holds.length === 0;
}

/** The item as its operation sees it, at this attempt (from 1). */
export function toItemView(batch: Batch, index: number, attempt: number): ItemView {
  const { ids, refs } = batch.items;
  return { index, photoId: ids[index] ?? 0, ref: refs?.[index] ?? null, attempt };
}
