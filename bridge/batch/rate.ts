/**
 * How fast a batch settles its items while it really runs: a moving rate over the last 16 seconds or more, paused and
 * held time left out. Says null until it is worth something.
 */
const MARKS = 64;
const SPACING_MS = 250;
const WORTH_ITEMS = 3;
const WORTH_MS = 2000;

type Mark = { at: number; count: number };

export class RateMeter {
  /** Settled items by active time, a quarter second apart. Counted from the first one: what came before was starting up. */
  #marks: Mark[] = [];
  #last: Mark = { at: 0, count: 0 };
  #activeMs = 0;
  #runningSince: number | null = null;

  /** From now on time counts. `now`: monotonic ms. */
  resume(now: number): void {
    this.#runningSince ??= now;
  }

  pause(now: number): void {
    this.#activeMs = this.activeMs(now);
    this.#runningSince = null;
  }

  activeMs(now: number): number {
    return this.#activeMs + (this.#runningSince === null ? 0 : now - this.#runningSince);
  }

  settled(now: number): void {
    this.#last = { at: this.activeMs(now), count: this.#last.count + 1 };
    const newest = this.#marks.at(-1);
    if (newest !== undefined && this.#last.at - newest.at < SPACING_MS) return;
    this.#marks.push(this.#last);
    if (this.#marks.length > MARKS) this.#marks.shift();
  }

  /** Items per minute of active time, or null. */
  perMinute(now: number): number | null {
    const first = this.#marks[0];
    if (first === undefined) return null;
    const items = this.#last.count - first.count;
    if (items < WORTH_ITEMS) return null;
    const gap = (this.#last.at - first.at) / items;
    // A stall counts: once the next item is late by more than two gaps, the rate sinks with the waiting time.
    const waiting = Math.max(0, this.activeMs(now) - this.#last.at - 2 * gap);
    const span = this.#last.at - first.at + waiting;
    return span < WORTH_MS ? null : (items / span) * 60_000;
  }
}
