/**
 * Which running batch hands out the next unit: stride scheduling with a floor. Each batch has a pass that grows by one
 * stride (1/weight) a unit; the lowest pass is next. Nobody starves: see `FLOOR_TURNS`.
 * Source: Waldspurger and Weihl, "Stride Scheduling", MIT/LCS/TM-528, 1995 (global pass, joining and leaving clients).
 */
import type { Batch } from './batch.ts';

/** One step of priority is worth three times the share: 10 against 5 is 243 to 1, yet never all. */
const WEIGHT_BASE = 3;
/**
 * The floor share: one turn in so many goes to the ready batch that has waited longest, if it has waited as long as that,
 * whatever its priority. So a ready batch waits at most `FLOOR_TURNS * (n + 1)` turns, n the batches that were ready when
 * its wait began: those that come later have waited less. Two batches, priority 1 beside 10: every 33rd unit is the low one's.
 */
export const FLOOR_TURNS = 32;
/** What a floor turn may leave a batch owing, in strides: more would be held against it when the others are gone. */
const MOST_DEBT = 2;

type Entry = {
  pass: number;
  /** Came since the last turn: where it begins depends on who is ready then. */
  isNew: boolean;
  /** The turn at which its wait began: its last one, or when it became ready. */
  since: number;
};
type Ready = { batch: Batch; entry: Entry };

export class Scheduler {
  readonly #entries = new Map<Batch, Entry>();
  /** The global pass: it grows with every unit by one stride of all ready batches together. Newcomers begin here. */
  #now = 0;
  #turns = 0;
  #lastFloor = 0;

  add(batch: Batch): void {
    if (!this.#entries.has(batch)) this.renew(batch, true);
  }

  remove(batch: Batch): void {
    this.#entries.delete(batch);
  }

  has(batch: Batch): boolean {
    return this.#entries.has(batch);
  }

  batches(): IterableIterator<Batch> {
    return this.#entries.keys();
  }

  /** The batch to serve next among those `isReady` accepts, charged with one unit; null when there is none. */
  next(isReady: (batch: Batch) => boolean): Batch | null {
    const ready = this.#findReady(isReady);
    const next = this.#longestWaiting(ready) ?? lowestPass(ready);
    if (next === null) return null;
    this.#turns += 1;
    this.#now += 1 / ready.reduce((sum, { batch }) => sum + 1 / strideOf(batch), 0);
    const { batch, entry } = next;
    const stride = strideOf(batch);
    entry.pass = Math.min(entry.pass + stride, this.#now + MOST_DEBT * stride);
    entry.since = this.#turns;
    return batch;
  }

  /** After a change of priority: the batch is served from now on as if it had just come. Its wait goes on. */
  renew(batch: Batch, isFirst = false): void {
    const since = this.#entries.get(batch)?.since ?? this.#turns;
    if (isFirst || this.#entries.has(batch))
      this.#entries.set(batch, { pass: this.#now, isNew: true, since });
  }

  #findReady(isReady: (batch: Batch) => boolean): Ready[] {
    const ready: Ready[] = [];
    for (const [batch, entry] of this.#entries) {
      if (isReady(batch)) {
        ready.push({ batch, entry });
        continue;
      }
      // A batch that had nothing to hand out for a while, or is held, does not save up a turn.
      entry.pass = Math.max(entry.pass, this.#now);
      entry.since = this.#turns;
    }
    this.#placeNew(ready);
    return ready;
  }

  #placeNew(ready: readonly Ready[]): void {
    let [front, highest] = [this.#now, 0];
    for (const { batch, entry } of ready) {
      if (!entry.isNew) front = Math.min(front, entry.pass);
      highest = Math.max(highest, batch.priority);
    }
    for (const { batch, entry } of ready) {
      if (!entry.isNew) continue;
      entry.isNew = false;
      // At the front, but not of those more important: many small ones would else keep an urgent one waiting.
      entry.pass = batch.priority < highest ? this.#now + strideOf(batch) : front;
    }
  }

  /** The one whose turn it is by the floor share; null when it is nobody's. */
  #longestWaiting(ready: readonly Ready[]): Ready | null {
    if (this.#turns - this.#lastFloor < FLOOR_TURNS) return null;
    const longest = ready.reduce<Ready | null>(
      (best, one) => (best === null || one.entry.since < best.entry.since ? one : best),
      null,
    );
    if (longest === null || this.#turns - longest.entry.since < FLOOR_TURNS) return null;
    this.#lastFloor = this.#turns;
    return longest;
  }
}

function lowestPass(ready: readonly Ready[]): Ready | null {
  return ready.reduce<Ready | null>((best, one) => (best === null || isBefore(one, best) ? one : best), null);
}

function isBefore(one: Ready, other: Ready): boolean {
  if (one.entry.pass !== other.entry.pass) return one.entry.pass < other.entry.pass;
  if (one.batch.priority !== other.batch.priority) return one.batch.priority > other.batch.priority;
  return one.entry.since < other.entry.since;
}

function strideOf({ priority }: Batch): number {
  return WEIGHT_BASE ** (10 - priority);
}
