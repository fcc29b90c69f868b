/**
 * How many requests of a batch are with the server at one moment: a post that waits for its verification or for another
 * attempt takes up no place. When the server asks us to wait, all of them do.
 */
import type { CaptionServer } from './caption-server.ts';
import { orAborted } from './or-aborted.ts';
import { type Pace, type RetryPolicy, usualPolicy } from './retry.ts';
import { ServerFault } from './server-fault.ts';

export class RequestGate {
  readonly #pace: Pace;
  readonly #longestMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;
  /** Wall clock, ms: nobody asks before. */
  #quietUntil = 0;

  constructor(places: number, { pace, policy = usualPolicy }: { pace: Pace; policy?: RetryPolicy }) {
    this.#free = places;
    this.#pace = pace;
    this.#longestMs = policy.longestRetryAfterMs;
  }

  /** Rejects with what `step` does, or with the signal's reason. In order of calling. */
  async pass<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      for (let left = this.#left(); left > 0; left = this.#left()) await this.#pace.delay(left, signal);
      return await step();
    } catch (thrown) {
      this.#heed(thrown);
      throw thrown;
    } finally {
      this.#leave();
    }
  }

  #left(): number {
    return this.#quietUntil - this.#pace.now();
  }

  /** What it wants beyond `longestRetryAfterMs` is a refusal for now, not a wait. */
  #heed(thrown: unknown): void {
    if (!(thrown instanceof ServerFault) || thrown.status !== 429) return;
    const { retryAfterMs } = thrown;
    if (retryAfterMs === null || retryAfterMs > this.#longestMs) return;
    this.#quietUntil = Math.max(this.#quietUntil, this.#pace.now() + retryAfterMs);
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await orAborted(promise, signal);
    } catch (thrown) {
      const place = this.#waiting.indexOf(resolve);
      // The place was given to it at the same moment: it goes on to the next.
      if (place < 0) this.#leave();
      else this.#waiting.splice(place, 1);
      throw thrown;
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** The server, every request of it through the gate. */
export function toGated(server: CaptionServer, gate: RequestGate): CaptionServer {
  return {
    url: server.url,
    fetchInstance: (signal) => gate.pass(() => server.fetchInstance(signal), signal),
    fetchStatus: (id, signal) => gate.pass(() => server.fetchStatus(id, signal), signal),
    fetchSource: (id, signal) => gate.pass(() => server.fetchSource(id, signal), signal),
    updateStatus: (id, update, signal) => gate.pass(() => server.updateStatus(id, update, signal), signal),
    updateMedia: (id, text, signal) => gate.pass(() => server.updateMedia(id, text, signal), signal),
  };
}
