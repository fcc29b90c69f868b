/**
 * How fast a batch settles its items while it really runs: a moving rate over the last items, paused and held time left
 * out. Says null until it is worth something.
 */
const WINDOW = 64;
const WORTH_ITEMS = 3;
const WORTH_MS = 1000;

export class RateMeter {
  /** Active milliseconds at each of the last settled items. */
  #marks: number[] = [];
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
    this.#marks.push(this.activeMs(now));
    if (this.#marks.length > WINDOW) this.#marks.shift();
  }

  /** Items per minute of active time, or null. */
  perMinute(now: number): number | null {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || this.#marks.length < WORTH_ITEMS) return null;
    const gap = (last - first) / (this.#marks.length - 1);
    // A stall counts: once the next item is late by more than two gaps, the rate sinks with the waiting time.
    const waiting = Math.max(0, this.activeMs(now) - last - 2 * gap);
    const span = last - first + waiting;
    if (span <= 0 || this.activeMs(now) < WORTH_MS) return null;
    return ((this.#marks.length - 1) / span) * 60_000;
  }
}
