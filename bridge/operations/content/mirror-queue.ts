/**
 * Brings changes to the mirror, those of one record in their order, and keeps what did not get there for a later retry.
 * A mirror that is down is left in peace for a while, so that it never holds up a batch.
 */
import type { MirrorReport } from '../../contract/index.ts';
import { KeyTurns } from '../key-turns.ts';
import type { ContentMirror, MirrorEnd } from './ports.ts';
import { toKey } from './record.ts';
import type { ContentStore } from './store.ts';
import type { MirrorJob } from './store-entries.ts';

export type MirrorQueueParts = {
  store: ContentStore;
  mirror: ContentMirror;
  monotonicMs: () => number;
  /** Milliseconds for which nothing is sent after the mirror was down. */
  restMs?: number;
};

const REST_MS = 30_000;
const ERRORS_SHOWN = 100;

export class MirrorQueue {
  readonly #parts: MirrorQueueParts;
  readonly #turns = new KeyTurns();
  #down: { untilMs: number; reason: string } | null = null;

  constructor(parts: MirrorQueueParts) {
    this.#parts = parts;
  }

  get length(): number {
    return this.#parts.store.jobCount;
  }

  /**
   * Sends this change, after older ones of the same record. Null when the mirror has it; else why not, and it is in the
   * queue. Rejects only as the store does, or when the signal aborts; it is in the queue then, too.
   */
  send(job: MirrorJob, signal: AbortSignal): Promise<string | null> {
    return this.#turns.run([toKey(job.contentId)], async () => {
      let reason: string | null = null;
      for (const waiting of this.#parts.store.jobs(job.contentId)) {
        const resting = this.#restReason();
        if (resting !== null) return resting;
        const end = await this.#sendOne(waiting, signal);
        if (end.kind === 'down') return end.reason;
        if (waiting.token === job.token) reason = end.kind === 'rejected' ? end.reason : null;
      }
      return reason;
    });
  }

  /** Sends all that is queued, oldest first; gives up for now when the mirror is down. */
  async retry(signal: AbortSignal): Promise<MirrorReport> {
    const { store } = this.#parts;
    this.#down = null;
    const report: MirrorReport = { tried: 0, mirrored: 0, left: 0, errors: [] };
    for (const job of store.jobs()) {
      if (this.#down !== null || signal.aborted) break;
      await this.#turns.run([toKey(job.contentId)], () => this.#retryOne(job, { signal, report }));
    }
    return { ...report, left: store.jobCount };
  }

  async #retryOne(
    job: MirrorJob,
    { signal, report }: { signal: AbortSignal; report: MirrorReport },
  ): Promise<void> {
    // It may have gone with a newer change of its record meanwhile.
    if (!this.#parts.store.jobs(job.contentId).some(({ token }) => token === job.token)) return;
    report.tried += 1;
    const end = await this.#sendOne(job, signal);
    if (end.kind === 'mirrored') report.mirrored += 1;
    else if (report.errors.length < ERRORS_SHOWN)
      report.errors.push({ contentId: job.contentId, reason: end.reason });
  }

  async #sendOne(job: MirrorJob, signal: AbortSignal): Promise<MirrorEnd> {
    const { store, mirror, monotonicMs, restMs = REST_MS } = this.#parts;
    const end = await mirror.send(job, signal);
    if (end.kind === 'mirrored') {
      const older = findReplaced(store.jobs(job.contentId), job);
      await store.settleJobs([job.token, ...older.map(({ token }) => token)]);
    }
    if (end.kind === 'down') this.#down = { untilMs: monotonicMs() + restMs, reason: end.reason };
    return end;
  }

  #restReason(): string | null {
    if (this.#down === null || this.#parts.monotonicMs() >= this.#down.untilMs) return null;
    return this.#down.reason;
  }
}

/** Older changes that the mirror once refused and that would, sent later, undo this one. `all`: of the record, oldest first. */
function findReplaced(all: readonly MirrorJob[], newer: MirrorJob): MirrorJob[] {
  const place = all.findIndex(({ token }) => token === newer.token);
  return all.slice(0, Math.max(0, place)).filter((older) => {
    if (older.operationType !== newer.operationType) return false;
    if (older.operationType !== 'update-metadata') return true;
    return Object.keys(older.updatePayload).every((field) => field in newer.updatePayload);
  });
}
