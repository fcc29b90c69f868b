/**
 * Turns changes of batches into events: lifecycle at once, progress and settled photos gathered to at most ten a second
 * a batch. Called only after the change is on disk.
 */
import type { BatchLifecycleType, Hold, ItemResult } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import type { EventSink } from './ports.ts';
import { type StatusContext, toStatus } from './status.ts';

const INTERVAL_MS = 100;

type Pending = { photos: ItemResult[]; timer: NodeJS.Timeout | null };

export class Announcer {
  readonly #events: EventSink;
  readonly #context: (batch: Batch) => StatusContext;
  readonly #pending = new Map<Batch, Pending>();
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(events: EventSink, context: (batch: Batch) => StatusContext) {
    this.#events = events;
    this.#context = context;
  }

  /** The number that no event of an earlier run of the daemon is above. */
  get seq(): number {
    return this.#events.seq;
  }

  lifecycle(type: BatchLifecycleType, batch: Batch): void {
    this.#publishGathered(batch, false);
    this.#publishStatus(type, batch);
  }

  settled(batch: Batch, photo: ItemResult): void {
    const pending = this.#pendingOf(batch);
    pending.photos.push(photo);
    this.progress(batch);
  }

  /** Something about the batch moved: a `batch_progress` follows, now or within a tenth of a second. */
  progress(batch: Batch): void {
    const pending = this.#pendingOf(batch);
    if (pending.timer !== null) return;
    pending.timer = setTimeout(() => this.#publishGathered(batch, true), INTERVAL_MS);
  }

  hold(type: 'hold_placed' | 'hold_lifted', batch: Batch, hold: Hold): void {
    batch.eventSeq = this.#events.publish({ type, batch_id: batch.id, hold });
    this.#wake(batch);
  }

  /** Resolves at the next event about the batch, or when `signal` aborts. */
  nextChange(batch: Batch, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(batch.id) ?? new Set();
      this.#waiters.set(batch.id, waiters);
      const done = (): void => {
        waiters.delete(done);
        if (waiters.size === 0) this.#waiters.delete(batch.id);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiters.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }

  /** Publishes what is gathered and stops all timers. */
  close(): void {
    for (const [batch, pending] of this.#pending) {
      if (pending.photos.length > 0) this.#publishGathered(batch, true);
      if (pending.timer !== null) clearTimeout(pending.timer);
    }
    this.#pending.clear();
  }

  #publishGathered(batch: Batch, withStatus: boolean): void {
    const pending = this.#pending.get(batch);
    if (pending === undefined) return;
    if (pending.timer !== null) clearTimeout(pending.timer);
    this.#pending.delete(batch);
    if (pending.photos.length > 0) {
      this.#events.publish({ type: 'photos_settled', batch_id: batch.id, photos: pending.photos });
    }
    if (withStatus) this.#publishStatus('batch_progress', batch);
  }

  #publishStatus(type: BatchLifecycleType, batch: Batch): void {
    const { seq: _seq, ...status } = toStatus(batch, this.#context(batch));
    batch.eventSeq = this.#events.publish({ type, ...status });
    this.#wake(batch);
  }

  #wake(batch: Batch): void {
    for (const waiter of this.#waiters.get(batch.id) ?? []) waiter();
  }

  #pendingOf(batch: Batch): Pending {
    const found = this.#pending.get(batch);
    if (found !== undefined) return found;
    const pending: Pending = { photos: [], timer: null };
    this.#pending.set(batch, pending);
    return pending;
  }
}
