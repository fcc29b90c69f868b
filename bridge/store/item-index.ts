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
/** Items nearer to each other than this are read together. */
const SPAN = 8192;

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

  /** A later entry of the same item wins. */
  async set(entries: readonly IndexEntry[]): Promise<void> {
    for (const run of toRuns(entries)) {
      const first = run[0]?.item ?? 0;
      const bytes = Buffer.allocUnsafe(run.length * ENTRY_BYTES);
      // 0 means absent.
      run.forEach((entry, at) => {
        bytes.writeDoubleLE(entry.offset + 1, at * ENTRY_BYTES);
      });
      await writeAll(this.#handle, bytes, HEADER_BYTES + first * ENTRY_BYTES);
      this.#entries = Math.max(this.#entries, first + run.length);
    }
  }

  /** Offsets of those items that have one. */
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
        const offset = bytes.readDoubleLE((item - first) * ENTRY_BYTES) - 1;
        if (offset >= 0 && Number.isSafeInteger(offset)) found.push({ item, offset });
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

/** An item index that can be: bounds the size that damage could give the file. */
export function isItem(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 0x1000000;
}

/** Entries in ascending runs of neighbouring items, the last of each item only. */
function toRuns(entries: readonly IndexEntry[]): IndexEntry[][] {
  const latest = new Map<number, IndexEntry>();
  for (const entry of entries) latest.set(entry.item, entry);
  const runs: IndexEntry[][] = [];
  let run: IndexEntry[] = [];
  for (const entry of [...latest.values()].sort((a, b) => a.item - b.item)) {
    const before = run.at(-1);
    if (before === undefined || entry.item !== before.item + 1) {
      run = [];
      runs.push(run);
    }
    run.push(entry);
  }
  return runs;
}
