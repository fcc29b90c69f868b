/**
 * Reads the directories (IFDs) of a TIFF structure: an EXIF block, or a whole TIFF file. Bounded: follows no chain,
 * reads no byte outside the buffer, never throws. Layout: TIFF 6.0, section 2.
 */

export type ByteOrder = 'II' | 'MM';

/** `value` holds exactly `count` values in the structure's byte order. */
export type IfdEntry = {
  tag: number;
  type: number;
  count: number;
  value: Buffer;
  /** Where the value lies, for one that stays where it is; null: the writer places it. Meaningless up to 4 bytes. */
  at: number | null;
};

/**
 * `damaged`: entries left out because their type is unknown or their value lies outside the buffer. Left out without
 * being counted: those that hold nothing, and all but the first of a tag.
 */
export type Ifd = { at: number; size: number; entries: IfdEntry[]; next: number; damaged: number };

export type TiffStructure = { bytes: Buffer; order: ByteOrder; firstIfd: number };

/** Bytes per value of the types 1 to 13: BYTE ASCII SHORT LONG RATIONAL SBYTE UNDEFINED SSHORT SLONG SRATIONAL FLOAT DOUBLE IFD. */
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4] as const;
export const tiffType = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5, undefined: 7 } as const;
const HEADER_SIZE = 8;
const MAX_ENTRIES = 2000;

export function typeSize(type: number): number {
  return typeSizes[type] ?? 0;
}

export function readU16(bytes: Buffer, at: number, order: ByteOrder): number {
  return order === 'II' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

export function readU32(bytes: Buffer, at: number, order: ByteOrder): number {
  return order === 'II' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

/** Null when there is no classic TIFF header (BigTIFF and the marks of some raw formats included). */
export function openTiff(bytes: Buffer): TiffStructure | null {
  if (bytes.length < HEADER_SIZE) return null;
  const mark = bytes.toString('latin1', 0, 2);
  if (mark !== 'II' && mark !== 'MM') return null;
  if (readU16(bytes, 2, mark) !== 42) return null;
  return { bytes, order: mark, firstIfd: readU32(bytes, 4, mark) };
}

/** Null when no directory can lie at `at`. A table that runs over the end is read as far as it goes. */
export function readIfd(tiff: TiffStructure, at: number): Ifd | null {
  const { bytes, order } = tiff;
  if (at < HEADER_SIZE || at + 2 > bytes.length) return null;
  const declared = readU16(bytes, at, order);
  const fitting = Math.floor((bytes.length - at - 2) / 12);
  const count = Math.min(declared, fitting, MAX_ENTRIES);
  if (count === 0 && declared > 0) return null;
  const entries: IfdEntry[] = [];
  const seen = new Set<number>();
  let damaged = declared - count;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(tiff, at + 2 + 12 * i);
    if (entry === null) damaged++;
    else if (entry.count > 0 && !seen.has(entry.tag)) entries.push(entry);
    if (entry !== null) seen.add(entry.tag);
  }
  const end = at + 2 + 12 * count;
  const next = count === declared && end + 4 <= bytes.length ? readU32(bytes, end, order) : 0;
  return { at, size: 2 + 12 * count + 4, entries, next, damaged };
}

function readEntry(tiff: TiffStructure, at: number): IfdEntry | null {
  const { bytes, order } = tiff;
  const type = readU16(bytes, at + 2, order);
  const count = readU32(bytes, at + 4, order);
  const length = typeSize(type) * count;
  if (typeSize(type) === 0) return null;
  const valueAt = length <= 4 ? at + 8 : readU32(bytes, at + 8, order);
  if (valueAt + length > bytes.length) return null;
  return {
    tag: readU16(bytes, at, order),
    type,
    count,
    value: bytes.subarray(valueAt, valueAt + length),
    at: valueAt,
  };
}

export function findEntry(entries: readonly IfdEntry[], tag: number): IfdEntry | undefined {
  return entries.find((entry) => entry.tag === tag);
}

/** The entry's values when it holds SHORTs, LONGs or IFD offsets; empty for every other type. */
export function integers(entry: IfdEntry | undefined, order: ByteOrder): number[] {
  return entry === undefined
    ? []
    : Array.from({ length: entry.count }, (_, i) => integerAt(entry, i, order) ?? []).flat();
}

/** As `integers`, only the first. */
export function firstInteger(entry: IfdEntry | undefined, order: ByteOrder): number | undefined {
  return entry === undefined ? undefined : integerAt(entry, 0, order);
}

function integerAt(entry: IfdEntry, index: number, order: ByteOrder): number | undefined {
  if (entry.type === 3) return readU16(entry.value, 2 * index, order);
  if (entry.type === 4 || entry.type === 13) return readU32(entry.value, 4 * index, order);
  return undefined;
}
