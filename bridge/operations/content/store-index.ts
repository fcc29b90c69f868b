/** What the content store keeps in memory of its log: places of records and of what the mirror has not got yet. */
import { type ContentRecord, toKey } from './record.ts';
import type { MirrorJob, StoreEntry } from './store-entries.ts';

/** Only changes whose result is not recorded are ever asked for, and of those there are as many as run at once. */
const TOKENS_KEPT = 1000;

export class StoreIndex {
  /** Offset of the newest entry that holds the record. */
  readonly records = new Map<string, number>();
  /** By token, in the order in which the changes were made. */
  readonly jobs = new Map<string, MirrorJob>();
  /** The same by record. */
  readonly #jobsOf = new Map<string, MirrorJob[]>();
  readonly #applied = new Set<string>();
  #entries = 0;

  /** Entries in the log that a rewritten one would not have. */
  get stale(): number {
    return this.#entries - this.records.size - this.jobs.size - this.#applied.size;
  }

  get applied(): ReadonlySet<string> {
    return this.#applied;
  }

  note(entry: StoreEntry, offset: number): void {
    this.#entries += 1;
    switch (entry.kind) {
      case 'record':
        this.#place(entry.record, offset);
        break;
      case 'change':
        this.#place(entry.record, offset);
        this.#noteApplied(entry.token);
        if (entry.job !== null) this.#owe(entry.job);
        break;
      case 'mirrored':
        this.#settle(entry.token);
        break;
      case 'applied':
        this.#noteApplied(entry.token);
        break;
      case 'job':
        this.#owe(entry.job);
        break;
    }
  }

  jobsOf(key: string): readonly MirrorJob[] {
    return this.#jobsOf.get(key) ?? [];
  }

  #owe(job: MirrorJob): void {
    const key = toKey(job.contentId);
    this.jobs.set(job.token, job);
    this.#jobsOf.set(key, [...this.jobsOf(key), job]);
  }

  #settle(token: string): void {
    const job = this.jobs.get(token);
    if (job === undefined) return;
    this.jobs.delete(token);
    const key = toKey(job.contentId);
    const left = this.jobsOf(key).filter((other) => other !== job);
    if (left.length === 0) this.#jobsOf.delete(key);
    else this.#jobsOf.set(key, left);
  }

  #place(record: ContentRecord, offset: number): void {
    this.records.set(toKey(record.id), offset);
  }

  #noteApplied(token: string): void {
    this.#applied.add(token);
    if (this.#applied.size <= TOKENS_KEPT) return;
    const [oldest] = this.#applied;
    if (oldest !== undefined) this.#applied.delete(oldest);
  }
}
