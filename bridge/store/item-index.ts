/**
 * Side index of an item log: for each item index, 8 bytes with the offset of its latest record. A convenience that can
 * be rebuilt from the log; never the only place of anything.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { openFile, PRIVATE_FILE, SAFE_FLAGS, writeAll } from './disk.ts';
import type { RecordPlace } from './record-scanner.ts';

/** Item index and offset of its record in the log. */
export type IndexEntry = { item: number; offset: number };

const MAGIC = 0x50424931;
const HEADER_BYTES = 32;
const ENTRY_BYTES = 8;
/** Items of one read or write. */
const SPAN = 8192;
const MAX_LOG_BYTES = 2 ** 40;
export const NO_OFFSET = -1;

export class ItemIndex {
  readonly #handle: FileHandle;
  #covered: RecordPlace = { offset: 0, seq: 0 };
  #entries = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<ItemIndex> {
    const handle = await openFile(path, constants.O_RDWR | constants.O_CREAT | SAFE_FLAGS, PRIVATE_FILE);
    const index = new ItemIndex(handle);
    try {
      await index.#readHeader();
      return index;
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
  }

  /** Up to here, records of the log are in the index and the index was synced; all later ones have to be set again. */
  get covered(): RecordPlace {
    return this.#covered;
  }

  async clear(): Promise<void> {
    this.#covered = { offset: 0, seq: 0 };
    this.#entries = 0;
    await this.#handle.truncate(0);
  }

  /** A later entry of the same item wins. Costs two calls for each block of items touched, however many entries. */
  async set(entries: readonly IndexEntry[]): Promise<void> {
    for (const block of toBlocks(entries)) {
      const first = block.reduce((least, { item }) => Math.min(least, item), Number.POSITIVE_INFINITY);
      const last = block.reduce((most, { item }) => Math.max(most, item), 0);
      const position = HEADER_BYTES + first * ENTRY_BYTES;
      const bytes = Buffer.alloc((last - first + 1) * ENTRY_BYTES);
      if (last > first) await this.#handle.read(bytes, 0, bytes.length, position);
      // 0 means absent.
      for (const { item, offset } of block) bytes.writeDoubleLE(offset + 1, (item - first) * ENTRY_BYTES);
      await writeAll(this.#handle, bytes, position);
      this.#entries = Math.max(this.#entries, last + 1);
    }
  }

  /** Offsets of those items that have one; `NO_OFFSET` for an entry that damage has made to none. */
  async get(items: readonly number[]): Promise<IndexEntry[]> {
    const found: IndexEntry[] = [];
    const sorted = [...new Set(items)].filter(isItem).sort((a, b) => a - b);
    for (let from = 0; from < sorted.length; ) {
      const first = sorted[from] ?? 0;
      let to = from;
      while (to + 1 < sorted.length && (sorted[to + 1] ?? 0) - first < SPAN) to += 1;
      const bytes = Buffer.alloc(((sorted[to] ?? first) - first + 1) * ENTRY_BYTES);
      await this.#handle.read(bytes, 0, bytes.length, HEADER_BYTES + first * ENTRY_BYTES);
      for (const item of sorted.slice(from, to + 1)) {
        const entry = bytes.readDoubleLE((item - first) * ENTRY_BYTES);
        if (entry !== 0) found.push({ item, offset: isOffset(entry - 1) ? entry - 1 : NO_OFFSET });
      }
      from = to + 1;
    }
    return found;
  }

  /** Entries on disk first, then the header that vouches for them. */
  async cover(end: RecordPlace): Promise<void> {
    await this.#handle.datasync();
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeDoubleLE(end.offset, 8);
    bytes.writeDoubleLE(end.seq, 16);
    bytes.writeDoubleLE(this.#entries, 24);
    bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
    await writeAll(this.#handle, bytes, 0);
    this.#covered = end;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #readHeader(): Promise<void> {
    const { size } = await this.#handle.stat();
    const bytes = Buffer.alloc(HEADER_BYTES);
    await this.#handle.read(bytes, 0, HEADER_BYTES, 0);
    const entries = bytes.readDoubleLE(24);
    const isWhole =
      bytes.readUInt32LE(0) === MAGIC &&
      bytes.readUInt32LE(4) === crc32(bytes.subarray(8)) &&
      size >= HEADER_BYTES + entries * ENTRY_BYTES;
    if (!isWhole) return;
    this.#covered = { offset: bytes.readDoubleLE(8), seq: bytes.readDoubleLE(16) };
    this.#entries = entries;
  }
}

/** Beyond it no log is read: a damaged entry must not be asked of the disk. */
function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < MAX_LOG_BYTES;
}

/** An item index that can be: bounds the size that damage could give the file. */
export function isItem(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 0x1000000;
}

/** Entries by stretch of items, in the order given within each. */
function toBlocks(entries: readonly IndexEntry[]): Iterable<IndexEntry[]> {
  return Map.groupBy(entries, ({ item }) => Math.floor(item / SPAN)).values();
}
