/** One batch in memory: the fields of its state file, its items, and what the engine remembers of it between writes. */
import type {
  BatchStatus,
  DevelopConfig,
  Hold,
  OperationName,
  Recipe,
  StateFile,
  StoredResult,
} from '../contract/index.ts';
import type { ItemTable } from './item-table.ts';
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
  startAt: string | undefined;
  dependsOn: string[];
  runWindow: StateFile['_run_window'];
  onUnknown: 'fail' | 'fail_item';
  idempotency: StateFile['_idempotency'];
  interrupted: StateFile['_interrupted'];
  taskIds: unknown[];
  /** Keys of the state file that are not ours: carried through. */
  readonly extra: Record<string, unknown>;

  /** Journal seq of the last record applied. */
  seq: number;
  /** Seq of the newest event about it. */
  eventSeq: number;
  /** Interrupted and left as it was (setting `recovery.on_start: leave`): not handed out until asked for. */
  dormant: boolean;
  /** Results that are in the journal but not yet in a synced item log. */
  readonly recent: Map<number, StoredResult>;
  readonly rate: RateMeter;
};

/** The develop config of a batch whose config was checked when it started. */
export type CheckedConfig = DevelopConfig;

export function createBatch(fields: Omit<Batch, 'recent' | 'rate' | 'eventSeq' | 'dormant'>): Batch {
  return { ...fields, eventSeq: 0, dormant: false, recent: new Map(), rate: new RateMeter() };
}
