/**
 * Which running batch hands out the next unit: stride scheduling. Each batch has a pass that grows by 1/weight per unit;
 * the lowest pass is next. Shares follow the weights, a new batch starts at the front, and nobody starves.
 * Source: Waldspurger and Weihl, "Stride Scheduling", MIT/LCS/TM-528, 1995.
 */
import type { Batch } from './batch.ts';

/** One step of priority is worth three times the share: 10 against 5 is 243 to 1, yet never all. */
const WEIGHT_BASE = 3;

export class Scheduler {
  readonly #passes = new Map<Batch, number>();
  /** Pass of the last unit handed out: where newcomers begin. */
  #now = 0;

  add(batch: Batch): void {
    if (!this.#passes.has(batch)) this.#passes.set(batch, this.#now);
  }

  remove(batch: Batch): void {
    this.#passes.delete(batch);
  }

  has(batch: Batch): boolean {
    return this.#passes.has(batch);
  }

  batches(): IterableIterator<Batch> {
    return this.#passes.keys();
  }

  /** The batch to serve next among those `isReady` accepts, charged with one unit; null when there is none. */
  next(isReady: (batch: Batch) => boolean): Batch | null {
    let best: Batch | null = null;
    let bestPass = Number.POSITIVE_INFINITY;
    for (const [batch, pass] of this.#passes) {
      // A batch that had nothing to hand out for a while does not save up a turn.
      if (!isReady(batch)) {
        if (pass < this.#now) this.#passes.set(batch, this.#now);
      } else if (pass < bestPass || (pass === bestPass && best !== null && batch.priority > best.priority)) {
        best = batch;
        bestPass = pass;
      }
    }
    if (best === null) return null;
    this.#now = bestPass;
    this.#passes.set(best, bestPass + WEIGHT_BASE ** (10 - best.priority));
    return best;
  }

  /** After a change of priority: the batch is served from now on as if it had just come. */
  renew(batch: Batch): void {
    if (this.#passes.has(batch)) this.#passes.set(batch, this.#now);
  }
}
