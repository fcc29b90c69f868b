/**
 * Hosts that die before they are ready: how long to wait until the next start, and after a few in a row a hold that says so.
 * No photo is to blame for them. Starts nothing itself.
 */
import type { Hold } from '../contract/index.ts';
import type { Log } from '../log.ts';

const FIRST_WAIT_MS = 100;
const LAST_WAIT_MS = 5000;
/** Failed starts in a row before everybody is told. */
const TOLD_AFTER = 5;

export class StartTrouble {
  readonly #log: Log;
  readonly #retry: () => void;
  readonly #listeners = new Set<() => void>();
  #failed = 0;
  #timer: NodeJS.Timeout | null = null;
  #hold: Hold | null = null;

  /** `retry` is called when the next start may be tried. */
  constructor(log: Log, retry: () => void) {
    this.#log = log;
    this.#retry = retry;
  }

  /** Until then no host is to be started. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }
  /** Null while hosts start. */
  get hold(): Hold | null {
    return this.#hold;
  }
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A host ended before it was ready. True when it was one of many in a row. */
  failed(reason: string): boolean {
    this.#failed += 1;
    const fields = { failed: this.#failed, reason };
    this.#log.error(fields, 'render host did not start, trying again');
    if (this.#timer !== null) clearTimeout(this.#timer);
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (this.#failed - 1), LAST_WAIT_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#retry();
    }, wait);
    if (this.#failed < TOLD_AFTER) return false;
    const text = `the render host does not start (${this.#failed} times in a row; the last time ${reason}); it is tried again every few seconds`;
    this.#change({ owner: 'executor', reason: text, since: this.#hold?.since ?? new Date().toISOString() });
    return true;
  }

  /** A host is ready, or nobody wants one any more. */
  over(): void {
    this.#failed = 0;
    if (this.#hold === null) return;
    this.#log.info({}, 'render host trouble is over');
    this.#change(null);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #change(hold: Hold | null): void {
    this.#hold = hold;
    for (const listener of this.#listeners) listener();
  }
}
