/** What is kept of each item of one batch: an append log and its side index. Knows where a record is, not what it means. */
import { type AppendLog, type AppendLogOptions, openAppendLog } from './append-log.ts';
import { toDiskError } from './disk.ts';
import { type IndexEntry, ItemIndex, isItem, NO_OFFSET } from './item-index.ts';

/** Bytes of log after which the index is synced: what an opening after a crash scans at most. */
const COVER_BYTES = 8 * 1024 * 1024;

type Paths = { log: string; index: string };
type OnDamage = NonNullable<AppendLogOptions['onDamage']>;

/** A record names its item by `i`. */
export type ItemRecord = { i: number };

export class ItemLog<T extends ItemRecord> {
  readonly #paths: Paths;
  readonly #onDamage: OnDamage;
  readonly #index: ItemIndex;
  #log: AppendLog;
  /** One step at a time: a later result stays the later one, and no read falls into a rebuild. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: { paths: Paths; onDamage: OnDamage; index: ItemIndex; log: AppendLog }) {
    this.#paths = parts.paths;
    this.#onDamage = parts.onDamage;
    this.#index = parts.index;
    this.#log = parts.log;
  }

  static async open<T extends ItemRecord>(paths: Paths, onDamage: OnDamage): Promise<ItemLog<T>> {
    const index = await ItemIndex.open(paths.index);
    try {
      const log = await openCovered(paths, index, onDamage);
      return new ItemLog<T>({ paths, onDamage, index, log });
    } catch (thrown) {
      await index.close();
      throw thrown;
    }
  }

  /** A later record of the same item replaces the earlier one. Durable when resolved. */
  append(records: readonly T[]): Promise<void> {
    return this.#inTurn(async () => {
      const offsets = await this.#log.append(records);
      await this.#index.set(records.map(({ i }, at) => ({ item: i, offset: offsets[at] ?? 0 })));
      if (this.#log.end.offset - this.#index.covered.offset > COVER_BYTES)
        await this.#index.cover(this.#log.end);
    });
  }

  /** Without the items there is nothing of. An entry that does not lead to its item makes the index be rebuilt, once a call. */
  read(items: readonly number[]): Promise<Map<number, T>> {
    return this.#inTurn(async () => {
      const first = await this.#lookUp(items);
      if (first.isSound) return first.found;
      await this.#rebuild();
      return (await this.#lookUp(items)).found;
    });
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => {});
    try {
      if (this.#index.covered.offset !== this.#log.end.offset) await this.#index.cover(this.#log.end);
    } catch {
      // The index is rebuilt from the log.
    }
    await this.#log.close();
    await this.#index.close();
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(step, step);
    this.#turn = mine.catch(() => {});
    return mine.catch((thrown: unknown) => {
      throw toDiskError(thrown);
    });
  }

  async #lookUp(items: readonly number[]): Promise<{ found: Map<number, T>; isSound: boolean }> {
    const entries = await this.#index.get(items);
    const offsets = entries.map((entry) => entry.offset).filter((offset) => offset !== NO_OFFSET);
    const payloads = await this.#log.readMany(offsets);
    const found = new Map<number, T>();
    for (const { item, offset } of entries) {
      const payload = payloads.get(offset);
      if (isRecord(payload) && payload.i === item) found.set(item, payload as T);
    }
    return { found, isSound: found.size === entries.length };
  }

  async #rebuild(): Promise<void> {
    await this.#log.close();
    await this.#index.clear();
    this.#log = await openCovered(this.#paths, this.#index, this.#onDamage);
  }
}

/** Opens the log and brings the index up to its end, scanning only what the index does not vouch for. */
async function openCovered(paths: Paths, index: ItemIndex, onDamage: OnDamage): Promise<AppendLog> {
  const from = index.covered;
  let isDamaged = false;
  const noteDamage: OnDamage = async (path, range, reason) => {
    isDamaged = true;
    if (from.offset === 0) await onDamage(path, range, reason);
    // Perhaps the index lies about where to begin: nothing may be cut on its word.
    else throw new Error('look at the whole log first');
  };
  let entries: IndexEntry[] = [];
  const log = await openAppendLog(
    paths.log,
    (payload, offset) => {
      if (isRecord(payload)) entries.push({ item: payload.i, offset });
    },
    { from, onDamage: noteDamage },
  );
  if (from.offset > 0 && isDamaged) {
    await log.close();
    entries = [];
    await index.clear();
    return openCovered(paths, index, onDamage);
  }
  if (entries.length > 0) await index.set(entries);
  return log;
}

function isRecord(payload: unknown): payload is ItemRecord {
  return typeof payload === 'object' && payload !== null && 'i' in payload && isItem(payload.i);
}
