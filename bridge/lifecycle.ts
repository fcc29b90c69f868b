/** What is open in this process, closed in reverse order when it ends, each part within what is left of the deadline. */
import { setTimeout as delay } from 'node:timers/promises';
import { toError } from './errors.ts';
import type { Log } from './log.ts';

type Closer = { name: string; close: (msLeft: number) => Promise<void> | void };

export class CloseStack {
  readonly #closers: Closer[] = [];
  readonly #log: Log;
  #closing: Promise<void> | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  /** `close` is called with the milliseconds that are left; one that overruns them is left behind. */
  push(name: string, close: Closer['close']): void {
    this.#closers.push({ name, close });
  }

  /** Never rejects. Later calls wait for the first. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#closeAll(performance.now() + deadlineMs);
    return this.#closing;
  }

  async #closeAll(until: number): Promise<void> {
    for (let part = this.#closers.pop(); part !== undefined; part = this.#closers.pop()) {
      const left = Math.max(0, until - performance.now());
      const { name, close } = part;
      try {
        const timer = new AbortController();
        const inTime = await Promise.race([
          Promise.resolve(close(left)).then(() => true),
          delay(left + GRACE_MS, false, { signal: timer.signal, ref: false }),
        ]);
        timer.abort();
        if (!inTime) this.#log.warn({ part: name }, 'a part did not close in time');
      } catch (thrown) {
        this.#log.warn({ part: name, error: toError(thrown).message }, 'a part did not close cleanly');
      }
    }
  }
}

/** Even with no time left a part gets this long: most only close a file. */
const GRACE_MS = 250;
