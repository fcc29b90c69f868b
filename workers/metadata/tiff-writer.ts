/**
 * Makes directory entries and lays directories out as bytes. Knows no tag but what it is given; reads nothing.
 */
import { type ByteOrder, type IfdEntry, tiffType, typeSize } from './tiff-structure.ts';

/** Bytes of a block that may be written over. */
export type Hole = { start: number; end: number };

/**
 * Room for new values and directories: first the holes of an existing block, then bytes that will stand at the
 * absolute offset `start`. Offsets handed out are absolute and even.
 */
export class Room {
  readonly start: number;
  readonly #block: Buffer;
  #holes: readonly Hole[];
  readonly #chunks: Buffer[] = [];
  #end: number;

  constructor(start: number, block: Buffer = Buffer.alloc(0), holes: readonly Hole[] = []) {
    this.start = start;
    this.#block = block;
    this.#holes = holes.map((hole) => ({ start: hole.start + (hole.start % 2), end: hole.end }));
    this.#end = start;
  }

  put(chunk: Buffer): number {
    const hole = this.#holes.find(({ start, end }) => end - start >= chunk.length);
    if (hole !== undefined) {
      chunk.copy(this.#block, hole.start);
      const next = hole.start + chunk.length;
      this.#holes = this.#holes.map((other) =>
        other === hole ? { ...hole, start: next + (next % 2) } : other,
      );
      return hole.start;
    }
    if (this.#end % 2 === 1) this.#push(Buffer.alloc(1));
    const at = this.#end;
    this.#push(chunk);
    return at;
  }

  /** What found no hole: the bytes from `start` on. */
  tail(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  #push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#end += chunk.length;
  }
}

/** Writes values that have no place yet, then the directory itself, sorted by tag. Answers the directory's offset. */
export function writeIfd(room: Room, entries: readonly IfdEntry[], order: ByteOrder): number {
  const sorted = [...entries].sort((a, b) => a.tag - b.tag);
  const table = Buffer.alloc(2 + 12 * sorted.length + 4);
  writeU16(table, 0, sorted.length, order);
  sorted.forEach((entry, i) => {
    const at = 2 + 12 * i;
    writeU16(table, at, entry.tag, order);
    writeU16(table, at + 2, entry.type, order);
    writeU32(table, at + 4, entry.count, order);
    if (entry.value.length <= 4) entry.value.copy(table, at + 8);
    else writeU32(table, at + 8, entry.at ?? room.put(entry.value), order);
  });
  return room.put(table);
}

export function tiffHeader(order: ByteOrder, firstIfd: number): Buffer {
  const header = Buffer.alloc(8);
  header.write(order, 0, 'latin1');
  writeU16(header, 2, 42, order);
  writeU32(header, 4, firstIfd, order);
  return header;
}

export function shortEntry(tag: number, value: number, order: ByteOrder): IfdEntry {
  const bytes = Buffer.alloc(2);
  writeU16(bytes, 0, value, order);
  return { tag, type: tiffType.short, count: 1, value: bytes, at: null };
}

export function longEntry(tag: number, values: number | readonly number[], order: ByteOrder): IfdEntry {
  const list = typeof values === 'number' ? [values] : values;
  const bytes = Buffer.alloc(4 * list.length);
  list.forEach((value, i) => {
    writeU32(bytes, 4 * i, value, order);
  });
  return { tag, type: tiffType.long, count: list.length, value: bytes, at: null };
}

export function rationalEntry(tag: number, numerator: number, order: ByteOrder): IfdEntry {
  return { ...longEntry(tag, [numerator, 1], order), type: tiffType.rational, count: 1 };
}

/** `text` must be ASCII; a NUL is added. */
export function asciiEntry(tag: number, text: string): IfdEntry {
  const value = Buffer.from(`${text}\0`, 'latin1');
  return { tag, type: tiffType.ascii, count: value.length, value, at: null };
}

export function bytesEntry(tag: number, value: Buffer, type: 1 | 7): IfdEntry {
  return { tag, type, count: value.length, value, at: null };
}

/** The same entry with its values in the other byte order, to be placed anew. */
export function swapEntry(entry: IfdEntry): IfdEntry {
  const size = typeSize(entry.type);
  const unit = entry.type === 5 || entry.type === 10 ? 4 : size;
  const value = Buffer.from(entry.value);
  if (unit === 2) value.swap16();
  else if (unit === 4) value.swap32();
  else if (unit === 8) value.swap64();
  return { ...entry, value, at: null };
}

function writeU16(bytes: Buffer, at: number, value: number, order: ByteOrder): void {
  if (order === 'II') bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}

function writeU32(bytes: Buffer, at: number, value: number, order: ByteOrder): void {
  if (order === 'II') bytes.writeUInt32LE(value, at);
  else bytes.writeUInt32BE(value, at);
}
