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
  /** Rows of this batch by number, in place of the mode: after a crash the statuses in the file are not those it began with. */
  rows?: readonly number[];
};

export class PostingRun {
  readonly rows: readonly InventoryRow[];
  readonly skipped: number;
  readonly #parts: PostingRunParts;
  readonly #interval: number;
  readonly #tell: (recordId: string) => void;
  #sinceSave = 0;

  constructor(parts: PostingRunParts) {
    const { inventory, mode, rows } = parts;
    const chosen = rows === undefined ? null : new Set(rows);
    this.rows =
      chosen === null
        ? selectRows(inventory.rows, mode)
        : inventory.rows.filter(({ row }) => chosen.has(row));
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
