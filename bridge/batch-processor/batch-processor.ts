/**
 * Gathers single items into batches for a function that takes many at once (an API call), and tells what became of each.
 * Every item comes out exactly once. It keeps nothing on disk, retries nothing and never keeps the process alive.
 */
import {
  type BatchResult,
  type ItemAnswer,
  joinResults,
  pairAnswers,
  toFailedResult,
} from './batch-result.ts';
import { createSystemTimers, type Timers } from './timers.ts';

export type { BatchResult, FailedItem, ItemAnswer } from './batch-result.ts';
export type { Timers } from './timers.ts';

export type BatchProcessorOptions<T, R> = {
  /** Items per call of `process`: a whole number from 1. */
  batchSize: number;
  /**
   * Answers one entry per item, in their order. A throw fails the whole batch with that error. `signal` is the processor's
   * own. It must not wait for an `add`, `flush` or `close` of this same processor.
   */
  process: (
    items: readonly T[],
    context: { signal: AbortSignal | undefined },
  ) => Promise<readonly ItemAnswer<R>[]> | readonly ItemAnswer<R>[];
  /** Milliseconds the oldest pending item may wait. Absent or Infinity: as long as it takes. */
  maxWaitMs?: number;
  /** Off: nothing is processed before `flush`, `flushIfNeeded` or `close`; there is no timer. */
  autoFlush?: boolean;
  /** Aborted: nothing more is handed to `process`; what was not answered by then fails with its reason. */
  signal?: AbortSignal;
  /** Told the result of each call of `process`, whoever caused it. What it throws is ignored. */
  onResult?: (result: BatchResult<T, R>) => void;
  /** For tests. */
  timers?: Timers;
};

export class BatchProcessor<T, R> {
  readonly #options: BatchProcessorOptions<T, R>;
  readonly #timers: Timers;
  readonly #autoFlush: boolean;
  readonly #maxWaitMs: number;
  #pending: T[] = [];
  /** When the oldest pending item was added. What stays after a full batch was taken came with one call, at one time. */
  #oldestAt = 0;
  #cancelTimer: (() => void) | null = null;
  /** Ends when all batches taken so far have been processed. Never rejects. */
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Throws RangeError when `batchSize` or `maxWaitMs` makes no sense. */
  constructor(options: BatchProcessorOptions<T, R>) {
    const { batchSize, maxWaitMs = Number.POSITIVE_INFINITY } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`batchSize must be a whole number from 1, not ${batchSize}`);
    }
    if (!(maxWaitMs >= 0)) {
      throw new RangeError(`maxWaitMs must be a number of milliseconds from 0, not ${maxWaitMs}`);
    }
    this.#options = options;
    this.#timers = options.timers ?? createSystemTimers();
    this.#autoFlush = options.autoFlush ?? true;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Items that no call has taken yet: what `flush` would deal with. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Answers the batch's result when this item fills it, else undefined at once. Rejects only after `close`. */
  async add(item: T): Promise<BatchResult<T, R> | undefined> {
    this.#checkOpen();
    this.#push([item]);
    return this.#takeFull()[0];
  }

  /** Answers one result per batch that these items filled, in order; the rest stays pending. Rejects only after `close`. */
  async addBatch(items: Iterable<T>): Promise<BatchResult<T, R>[]> {
    this.#checkOpen();
    this.#push([...items]);
    return Promise.all(this.#takeFull());
  }

  /** Processes everything that is pending now, in batches. Never rejects. */
  async flush(): Promise<BatchResult<T, R>> {
    const taken = this.#takeAll();
    return joinResults(await Promise.all(taken));
  }

  /** Flushes if the oldest pending item has waited `maxWaitMs`; else undefined. For callers who keep their own time. */
  async flushIfNeeded(): Promise<BatchResult<T, R> | undefined> {
    if (this.#pending.length === 0) return undefined;
    if (this.#timers.now() - this.#oldestAt < this.#maxWaitMs) return undefined;
    return this.flush();
  }

  /** Takes no more items, flushes, and ends when nothing is being processed any more. Answers what this call flushed. */
  async close(): Promise<BatchResult<T, R>> {
    this.#closed = true;
    const result = await this.flush();
    await this.#tail;
    return result;
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('the batch processor is closed: it takes no more items');
  }

  #push(items: readonly T[]): void {
    if (this.#pending.length === 0) this.#oldestAt = this.#timers.now();
    for (const item of items) this.#pending.push(item);
  }

  /** Takes out every full batch before anything else can happen. */
  #takeFull(): Promise<BatchResult<T, R>>[] {
    const { batchSize } = this.#options;
    const taken: Promise<BatchResult<T, R>>[] = [];
    const full = this.#autoFlush ? Math.floor(this.#pending.length / batchSize) * batchSize : 0;
    if (full > 0) {
      for (let from = 0; from < full; from += batchSize) {
        taken.push(this.#enqueue(this.#pending.slice(from, from + batchSize)));
      }
      this.#pending = this.#pending.slice(full);
      this.#oldestAt = this.#timers.now();
      this.#disarm();
    }
    this.#arm();
    return taken;
  }

  #takeAll(): Promise<BatchResult<T, R>>[] {
    const { batchSize } = this.#options;
    const items = this.#pending;
    this.#pending = [];
    this.#disarm();
    const taken: Promise<BatchResult<T, R>>[] = [];
    for (let from = 0; from < items.length; from += batchSize) {
      taken.push(this.#enqueue(items.slice(from, from + batchSize)));
    }
    return taken;
  }

  /** One batch at a time, in the order in which they were taken. */
  #enqueue(items: readonly T[]): Promise<BatchResult<T, R>> {
    const result = this.#tail.then(() => this.#run(items));
    this.#tail = result;
    return result;
  }

  async #run(items: readonly T[]): Promise<BatchResult<T, R>> {
    const result = await this.#process(items);
    try {
      // A listener that is async after all must not bring the process down.
      const answer: unknown = this.#options.onResult?.(result);
      if (answer instanceof Promise) answer.catch(() => undefined);
    } catch {
      // The items are settled; a listener's fault is its own.
    }
    return result;
  }

  async #process(items: readonly T[]): Promise<BatchResult<T, R>> {
    const { process, signal } = this.#options;
    if (signal?.aborted) return toFailedResult(items, signal.reason);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    aborted.catch(() => undefined);
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      // A copy: what `process` does to its list must not change which item an answer belongs to.
      const answers = (async () => process([...items], { signal }))();
      return pairAnswers(items, await Promise.race([answers, aborted]));
    } catch (thrown) {
      return toFailedResult(items, thrown);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #arm(): void {
    if (!this.#autoFlush || this.#pending.length === 0 || this.#cancelTimer !== null) return;
    if (this.#maxWaitMs === Number.POSITIVE_INFINITY) return;
    const left = Math.max(0, this.#oldestAt + this.#maxWaitMs - this.#timers.now());
    this.#cancelTimer = this.#timers.after(left, () => {
      this.#cancelTimer = null;
      void this.flush();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
