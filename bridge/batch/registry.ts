/** Every kept batch by id and in order of creation. Holds no rules. */
import type { BatchStatus } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { isTerminal } from './machine.ts';

export class Registry {
  readonly #batches = new Map<string, Batch>();
  /** Oldest first; the place in the list is the cursor. Holes are batches that were removed. */
  readonly #order: (Batch | null)[] = [];
  readonly #places = new Map<Batch, number>();

  add(batch: Batch): void {
    this.#batches.set(batch.id, batch);
    this.#places.set(batch, this.#order.length);
    this.#order.push(batch);
  }

  remove(batch: Batch): void {
    this.#batches.delete(batch.id);
    const place = this.#places.get(batch);
    if (place !== undefined) this.#order[place] = null;
    this.#places.delete(batch);
  }

  find(batchId: string): Batch | undefined {
    return this.#batches.get(batchId);
  }

  get(batchId: string): Batch {
    const batch = this.#batches.get(batchId);
    if (batch === undefined)
      throw new BridgeError('batch_not_found', 'Batch not found', { batch_id: batchId });
    return batch;
  }

  all(): IterableIterator<Batch> {
    return this.#batches.values();
  }

  *open(): Generator<Batch> {
    for (const batch of this.#batches.values()) if (!isTerminal(batch.status)) yield batch;
  }

  /** Newest first. `cursor`: what an earlier page answered. */
  page(query: { status: BatchStatus | undefined; limit: number; cursor: string | undefined }): {
    batches: Batch[];
    count: number;
    nextCursor: string | undefined;
  } {
    const wanted = (batch: Batch | null): batch is Batch =>
      batch !== null && (query.status === undefined || batch.status === query.status);
    const count = query.status === undefined ? this.#batches.size : this.#order.filter(wanted).length;
    const found: Batch[] = [];
    let place =
      query.cursor === undefined ? this.#order.length : parseCursor(query.cursor, this.#order.length);
    while (place > 0 && found.length <= query.limit) {
      place -= 1;
      const batch = this.#order[place] ?? null;
      if (wanted(batch)) found.push(batch);
    }
    const batches = found.slice(0, query.limit);
    const last = batches.at(-1);
    const more = found.length > query.limit && last !== undefined;
    return { batches, count, nextCursor: more ? String(this.#places.get(last)) : undefined };
  }
}

/** A cursor is the place of the last element shown; `end` is the highest there can be. */
export function parseCursor(cursor: string, end: number): number {
  const place = /^\d{1,9}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (Number.isNaN(place) || place > end) {
    throw new BridgeError(
      'bad_request',
      `cursor: "${cursor}" is not one this list gave; leave it out to begin again`,
    );
  }
  return place;
}
