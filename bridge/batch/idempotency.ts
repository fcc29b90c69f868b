/** `Idempotency-Key`: the same key and body within a day answers the first batch; another body is refused. */
import { BridgeError } from '../errors.ts';
import type { Ages } from './age.ts';
import type { Clock } from './ports.ts';
import type { Registry } from './registry.ts';

const KEPT_MS = 86_400_000;
const MAX_KEY = 255;

export class IdempotencyKeys<T> {
  readonly #clock: Clock;
  readonly #ages: Ages;
  /** Starts under way or done in this run, by key. */
  readonly #starts = new Map<string, { hash: string; at: number; answer: Promise<T> }>();

  /** `ages`: a jump of the wall clock must not make a retried start a second one. */
  constructor(clock: Clock, ages: Ages) {
    this.#clock = clock;
    this.#ages = ages;
  }

  /** Keys of kept batches count again after a restart. */
  load(registry: Registry, toAnswer: (batchId: string) => T): void {
    for (const batch of registry.all()) {
      if (batch.idempotency === undefined) continue;
      const { key, hash, at } = batch.idempotency;
      this.#starts.set(key, { hash, at: Date.parse(at), answer: Promise.resolve(toAnswer(batch.id)) });
    }
  }

  once(key: string, hash: string, start: () => Promise<T>): Promise<T> {
    if (key.length === 0 || key.length > MAX_KEY) {
      throw new BridgeError('bad_request', `Idempotency-Key must have 1 to ${MAX_KEY} characters`);
    }
    this.#dropOld();
    const before = this.#starts.get(key);
    if (before !== undefined) {
      if (before.hash === hash) return before.answer;
      throw new BridgeError('idempotency_mismatch', `Idempotency-Key "${key}" was used for another body`);
    }
    const answer = start();
    this.#starts.set(key, { hash, at: this.#clock.wallMs(), answer });
    // A refused start may be tried again under the same key.
    answer.catch(() => this.#starts.delete(key));
    return answer;
  }

  #dropOld(): void {
    const ageOf = this.#ages();
    for (const [key, start] of this.#starts) if (ageOf(start.at) > KEPT_MS) this.#starts.delete(key);
  }
}
