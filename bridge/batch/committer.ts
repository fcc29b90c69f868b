/**
 * The only way a batch changes: append to the journal, and once that is on disk apply it in memory. Also keeps changes
 * of status one at a time per batch. Announces nothing.
 */
import type { JournalPayload } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import type { BatchStore } from './ports.ts';
import { applyPayload } from './reduce.ts';

export type BatchChange = Parameters<typeof applyPayload>[1];

export class Committer {
  readonly #store: BatchStore;
  readonly #onApplied: (batch: Batch) => void;
  readonly #queues = new Map<string, Promise<unknown>>();

  /** `onApplied` is told after every applied change (the keeper marks the batch as not yet in its snapshot). */
  constructor(store: BatchStore, onApplied: (batch: Batch) => void) {
    this.#store = store;
    this.#onApplied = onApplied;
  }

  /**
   * False when it was on disk too late to mean anything (see `reduce.ts`). Rejects when it could not be written. `essential`:
   * it has already happened (see `BatchStore.append`). `first`: goes before it in the same write.
   */
  async commit(
    batch: Batch,
    change: BatchChange,
    { first, ...options }: { essential?: boolean; first?: BatchChange | undefined } = {},
  ): Promise<boolean> {
    const seq = await this.#store.append(first === undefined ? [change] : [first, change], options);
    if (first !== undefined) this.apply(batch, first, seq - 1);
    return this.apply(batch, change, seq);
  }

  /** Applies a change that was appended together with others, the last of them as `seq`. */
  apply(batch: Batch, change: BatchChange, seq: number): boolean {
    batch.seq = seq;
    const applied = applyPayload(batch, change);
    this.#onApplied(batch);
    return applied;
  }

  /** Appends records that belong together in one write; the caller applies what is not a change of a known batch. */
  append(payloads: readonly JournalPayload[]): Promise<number> {
    return this.#store.append(payloads);
  }

  /** Runs `action` after every earlier action on this batch has ended. */
  exclusive<T>(batchId: string, action: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(batchId) ?? Promise.resolve();
    const run = before.then(action, action);
    const settled = run.catch(() => undefined);
    this.#queues.set(batchId, settled);
    void settled.then(() => {
      if (this.#queues.get(batchId) === settled) this.#queues.delete(batchId);
    });
    return run;
  }
}
