/**
 * What one batch over an inventory needs beside the engine: the selected rows, the post of one, its status and progress
 * noted once it is settled, and the saves in between. Decides no order and starts nothing by itself.
 */
import type { InventoryRow } from './columns.ts';
import type { Inventory, SaveEnd } from './inventory.ts';
import { type ListingResult, type PostEnd, type PostParts, postRow } from './post-row.ts';
import { createProgress, type OnProgress } from './progress.ts';
import { defaultSaveEvery, type SaveEvery, toSaveInterval } from './save-interval.ts';
import { type RunMode, selectRows } from './status.ts';

export type PostingRunParts = PostParts & {
  inventory: Inventory;
  mode: RunMode;
  saveEvery?: SaveEvery;
  onProgress?: OnProgress;
  /** For idempotency keys; the same again after a crash. */
  batchId: string;
  /** The rows this batch began with, in place of the mode: after a crash the statuses in the file are not the same any more. */
  rows?: readonly RowName[];
};

/** Which record is meant, also when the user moved rows meanwhile. `id`: its `bucket_truck_id`. */
export type RowName = { row: number; id: string };

export class PostingRun {
  readonly rows: readonly InventoryRow[];
  readonly skipped: number;
  /** Of the rows it began with: those that are not in the file any more, or not to be told apart. */
  readonly missing: readonly RowName[];
  readonly #parts: PostingRunParts;
  readonly #interval: number;
  readonly #tell: (recordId: string) => void;
  #sinceSave = 0;

  constructor(parts: PostingRunParts) {
    const { inventory, mode, rows } = parts;
    const found = rows === undefined ? null : findRows(inventory.rows, rows);
    this.rows = found?.rows ?? selectRows(inventory.rows, mode);
    this.missing = found?.missing ?? [];
    this.skipped = inventory.rows.length - this.rows.length;
    this.#parts = parts;
    this.#interval = toSaveInterval(this.rows.length, parts.saveEvery ?? defaultSaveEvery);
    this.#tell = createProgress(this.rows.length, parts.onProgress);
  }

  /** Never rejects. */
  post(row: InventoryRow, signal: AbortSignal): Promise<PostEnd> {
    const idempotencyKey = `${this.#parts.batchId}-${row.row}-${row.record.bucket_truck_id}`;
    return postRow(this.#parts, row, { signal, idempotencyKey });
  }

  /** To be called once for each settled row, when its result is recorded. Saves when it is time; null when it is not. */
  async note(row: InventoryRow, result: ListingResult): Promise<SaveEnd | null> {
    this.restore(row, result);
    this.#tell(row.record.bucket_truck_id);
    this.#sinceSave += 1;
    if (this.#sinceSave < this.#interval) return null;
    this.#sinceSave = 0;
    return this.#parts.inventory.save();
  }

  /** A result of before a crash: its status may not be in the file yet. Comes with the next save. */
  restore(row: InventoryRow, { status_update }: ListingResult): void {
    this.#parts.inventory.setStatus(row, status_update);
  }

  /** At the end, also of an interrupted run. */
  finish(): Promise<SaveEnd> {
    return this.#parts.inventory.save();
  }
}

function findRows(
  all: readonly InventoryRow[],
  names: readonly RowName[],
): { rows: InventoryRow[]; missing: RowName[] } {
  const byRow = new Map(all.map((found) => [found.row, found]));
  const byId = Map.groupBy(all, ({ record }) => record.bucket_truck_id);
  const rows: InventoryRow[] = [];
  const missing: RowName[] = [];
  for (const name of names) {
    const here = byRow.get(name.row);
    const others = byId.get(name.id) ?? [];
    const found =
      here?.record.bucket_truck_id === name.id ? here : others.length === 1 ? others[0] : undefined;
    if (found === undefined) missing.push(name);
    else rows.push(found);
  }
  return { rows, missing };
}
