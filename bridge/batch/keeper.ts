/**
 * Brings batches from the journal into their snapshots and item logs, and tells the store which part of the journal is
 * no longer needed. Never changes a batch.
 */
import type { StoredResult } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Batch } from './batch.ts';
import type { BatchStore, Clock } from './ports.ts';
import { toStateChunks } from './state-file.ts';

/** Snapshots may take at most a twentieth of the time: the pause after one is 19 times its duration. */
const PAUSE_FACTOR = 19;
const CHECKPOINT_RECORDS = 10_000;

type Kept = {
  batch: Batch;
  /** Seq of the first record not in a synced snapshot; null when all are. */
  firstUnsaved: number | null;
  /** Results on their way into the item log. */
  flushing: Map<number, StoredResult>;
  tail: Promise<void>;
  timer: NodeJS.Timeout | null;
  lastMs: number;
};

export class Keeper {
  readonly #store: BatchStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #intervalMs: number;
  readonly #kept = new Map<string, Kept>();
  #lastSeq = 0;
  #covered = 0;

  /** `intervalMs`: from a change to the snapshot that has it, at least. */
  constructor(parts: { store: BatchStore; clock: Clock; log: Log; intervalMs: number }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#intervalMs = parts.intervalMs;
  }

  /**
   * Records of this batch from `firstSeq` on were applied: they will be in a synced snapshot after the interval, or when
   * the budget allows.
   */
  touch(batch: Batch, firstSeq: number = batch.seq): void {
    const kept = this.#of(batch);
    kept.firstUnsaved = Math.min(kept.firstUnsaved ?? firstSeq, firstSeq);
    this.#lastSeq = Math.max(this.#lastSeq, batch.seq);
    if (kept.timer !== null) return;
    kept.timer = setTimeout(
      () => {
        kept.timer = null;
        void this.save(batch, { sync: true }).catch(() => this.touch(batch));
      },
      Math.max(this.#intervalMs, kept.lastMs * PAUSE_FACTOR),
    );
    kept.timer.unref();
  }

  /** The state file as of now. `sync: false`: the journal has it, the file need not survive a power cut. */
  save(batch: Batch, options: { sync: boolean }): Promise<void> {
    const kept = this.#of(batch);
    const run = kept.tail.then(() => (options.sync ? this.#saveSynced(kept) : this.#saveQuick(kept)));
    kept.tail = run.catch((thrown: unknown) => {
      this.#log.warn({ batch_id: batch.id, error: toError(thrown).message }, 'snapshot not written');
    });
    return run;
  }

  /** Results of items: from memory while they are not in the item log, else from there. */
  async results(batch: Batch, indices: readonly number[]): Promise<Map<number, StoredResult>> {
    const flushing = this.#kept.get(batch.id)?.flushing;
    const found = new Map<number, StoredResult>();
    const missing: number[] = [];
    for (const index of indices) {
      const result = batch.recent.get(index) ?? flushing?.get(index);
      if (result === undefined) missing.push(index);
      else found.set(index, result);
    }
    if (missing.length === 0) return found;
    for (const [index, result] of await this.#store.readResults(batch.id, missing)) found.set(index, result);
    return found;
  }

  /** The batch is gone: nothing of it will be written again. Resolves when no write is under way. */
  async forget(batch: Batch): Promise<void> {
    const kept = this.#kept.get(batch.id);
    if (kept === undefined) return;
    if (kept.timer !== null) clearTimeout(kept.timer);
    this.#kept.delete(batch.id);
    await kept.tail;
  }

  /** Saves everything that is not yet in a synced snapshot. */
  async flush(): Promise<void> {
    const open = [...this.#kept.values()].filter((kept) => kept.firstUnsaved !== null);
    for (const kept of open) {
      if (kept.timer !== null) clearTimeout(kept.timer);
      kept.timer = null;
      await this.save(kept.batch, { sync: true }).catch(() => undefined);
    }
    await this.#checkpoint(1);
  }

  #of(batch: Batch): Kept {
    const found = this.#kept.get(batch.id);
    if (found !== undefined) return found;
    const kept: Kept = {
      batch,
      firstUnsaved: null,
      flushing: new Map(),
      tail: Promise.resolve(),
      timer: null,
      lastMs: 0,
    };
    this.#kept.set(batch.id, kept);
    return kept;
  }

  async #saveQuick(kept: Kept): Promise<void> {
    await this.#store.saveSnapshot(kept.batch.id, toStateChunks(kept.batch), { sync: false });
  }

  async #saveSynced(kept: Kept): Promise<void> {
    if (kept.firstUnsaved === null) return;
    const began = this.#clock.monotonicMs();
    const { batch } = kept;
    const firstUnsaved = kept.firstUnsaved;
    kept.firstUnsaved = null;
    kept.flushing = new Map([...kept.flushing, ...batch.recent]);
    batch.recent.clear();
    const chunks = toStateChunks(batch);
    try {
      if (kept.flushing.size > 0) await this.#store.appendResults(batch.id, [...kept.flushing.values()]);
      await this.#store.saveSnapshot(batch.id, chunks, { sync: true });
    } catch (thrown) {
      kept.firstUnsaved = Math.min(firstUnsaved, kept.firstUnsaved ?? firstUnsaved);
      throw thrown;
    }
    kept.flushing = new Map();
    kept.lastMs = this.#clock.monotonicMs() - began;
    await this.#checkpoint(CHECKPOINT_RECORDS);
  }

  async #checkpoint(atLeast: number): Promise<void> {
    let covered = this.#lastSeq;
    for (const kept of this.#kept.values()) {
      if (kept.firstUnsaved !== null) covered = Math.min(covered, kept.firstUnsaved - 1);
    }
    if (covered - this.#covered < atLeast) return;
    this.#covered = covered;
    await this.#store.checkpoint(covered).catch((thrown: unknown) => {
      this.#log.warn({ error: toError(thrown).message }, 'checkpoint not written');
    });
  }
}
