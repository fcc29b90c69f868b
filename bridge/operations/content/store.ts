/**
 * The content records: loaded, changed by their owner, durable when resolved. In memory only the place of each record is
 * kept. A change and its debt to the mirror are one entry of the log, so that neither survives a crash without the other.
 */

import { toError } from '../../errors.ts';
import { KeyTurns } from '../key-turns.ts';
import { applyChange, type ContentChange, isOwnedBy } from './change.ts';
import type { ContentLog, OpenContentLog } from './ports.ts';
import { type ContentId, type ContentRecord, toKey } from './record.ts';
import { rewriteLog } from './rewrite-log.ts';
import { type MirrorJob, parseEntry, type StoreEntry } from './store-entries.ts';
import { StoreIndex } from './store-index.ts';

export type ContentStoreParts = {
  openLog: OpenContentLog;
  /** Absolute, e.g. `data/content.log`. */
  path: string;
  /** Wall time, ISO-8601 UTC. */
  now: () => string;
  /** Entries that may be out of date before the log is rewritten at the next opening. */
  staleLimit?: number;
};

/** `token`: names the change for ever; the same token again changes nothing. `mirrored`: the mirror is to be told. */
export type ChangeRequest = {
  contentId: ContentId;
  creator: string;
  change: ContentChange;
  token: string;
  mirrored: boolean;
};
/** `missing`: unknown, or another creator's. */
export type ChangeEnd = 'changed' | 'already' | 'missing';

const CHUNK = 500;
const STALE_LIMIT = 10_000;

export async function openContentStore(parts: ContentStoreParts): Promise<ContentStore> {
  const opened = await open(parts);
  const limit = parts.staleLimit ?? STALE_LIMIT;
  // Rewritten when more than half of it is out of date.
  if (opened.index.stale <= Math.max(limit, opened.index.records.size))
    return new ContentStore(parts, opened);
  await rewriteLog({ ...opened, openLog: parts.openLog, path: parts.path });
  return new ContentStore(parts, await open(parts));
}

type Opened = { log: ContentLog; index: StoreIndex };

async function open({ openLog, path }: ContentStoreParts): Promise<Opened> {
  const index = new StoreIndex();
  const log = await openLog(path, (payload, offset) => {
    const entry = parseEntry(payload);
    if (entry !== null) index.note(entry, offset);
  });
  return { log, index };
}

export class ContentStore {
  readonly #log: ContentLog;
  readonly #index: StoreIndex;
  readonly #now: () => string;
  readonly #turns = new KeyTurns();
  /** The last entries could not be written. */
  #isRefused = false;

  constructor({ now }: ContentStoreParts, { log, index }: Opened) {
    this.#log = log;
    this.#index = index;
    this.#now = now;
  }

  get count(): number {
    return this.#index.records.size;
  }

  /** Null for an unknown id, and for a record that is damaged on disk. */
  async get(id: ContentId): Promise<ContentRecord | null> {
    const offset = this.#index.records.get(toKey(id));
    if (offset === undefined) return null;
    const entry = parseEntry(await this.#log.read(offset));
    if (entry === null || !('record' in entry) || toKey(entry.record.id) !== toKey(id)) return null;
    return entry.record;
  }

  /** A record that is known is replaced. Durable when resolved; rejects as the log does, the records of earlier chunks then stay. */
  async load(records: readonly ContentRecord[]): Promise<{ loaded: number; replaced: number }> {
    let replaced = 0;
    for (let at = 0; at < records.length; at += CHUNK) {
      const chunk = records.slice(at, at + CHUNK);
      const keys = [...new Set(chunk.map(({ id }) => toKey(id)))];
      await this.#turns.run(keys, async () => {
        replaced += keys.filter((key) => this.#index.records.has(key)).length;
        await this.#append(chunk.map((record) => ({ kind: 'record', record })));
      });
    }
    return { loaded: records.length, replaced };
  }

  /** Durable when resolved. Rejects as the log does (`disk_full`, `read_only`); then nothing changed. */
  change(request: ChangeRequest): Promise<ChangeEnd> {
    const { contentId, creator, change, token, mirrored } = request;
    return this.#turns.run([toKey(contentId)], async () => {
      if (this.isApplied(token)) return 'already';
      const before = await this.get(contentId);
      if (before === null || !isOwnedBy(before, creator)) return 'missing';
      const record = applyChange(before, change, this.#now());
      const job = mirrored ? { ...change, token, contentId: before.id, creator } : null;
      await this.#append([{ kind: 'change', record, token, job }]);
      return 'changed';
    });
  }

  /** Whether this change is on disk, of the newest thousand. For what a crash left open. */
  isApplied(token: string): boolean {
    return this.#index.applied.has(token);
  }

  /** What the mirror has not got, of all records or of one, oldest first. */
  jobs(contentId?: ContentId): readonly MirrorJob[] {
    return contentId === undefined ? [...this.#index.jobs.values()] : this.#index.jobsOf(toKey(contentId));
  }

  get jobCount(): number {
    return this.#index.jobs.size;
  }

  /** The mirror has these, or need not have them any more. Durable when resolved. */
  async settleJobs(tokens: readonly string[]): Promise<void> {
    const known = tokens.filter((token) => this.#index.jobs.has(token));
    if (known.length > 0) await this.#append(known.map((token) => ({ kind: 'mirrored', token })));
  }

  /** After all changes that have begun. */
  async close(): Promise<void> {
    await this.#log.close();
  }

  /** Why nothing can be written, or null. Tries it when the last entries could not be. */
  async probe(): Promise<string | null> {
    if (!this.#isRefused) return null;
    try {
      // Of a kind that reading passes over.
      await this.#log.append([{ kind: 'probe' }]);
      this.#isRefused = false;
      return null;
    } catch (thrown) {
      return toError(thrown).message;
    }
  }

  async #append(entries: readonly StoreEntry[]): Promise<void> {
    const offsets = await this.#log.append(entries).catch((thrown: unknown) => {
      this.#isRefused = true;
      throw thrown;
    });
    this.#isRefused = false;
    for (const [position, entry] of entries.entries()) this.#index.note(entry, offsets[position] ?? -1);
  }
}
