/** Reads the directory of a ZIP file in memory and refuses what no honest workbook holds. Inflates nothing. */
import { PARTS_LIMIT, RATIO_LIMIT, toUnreadable, UNPACKED_LIMIT } from './limits.ts';

/** `at`: of its entry in the directory; `start`/`end`: from its local header up to the next one. Sizes as the directory claims. */
export type ZipEntry = {
  name: string;
  at: number;
  length: number;
  start: number;
  end: number;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  unpacked: number;
};

export type ZipDirectory = { entries: readonly ZipEntry[]; at: number; size: number; end: number };

const END_MARK = 0x06054b50;
const ENTRY_MARK = 0x02014b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const COMMENT_LIMIT = 0xffff;
const ENCRYPTED = 1;

/** Throws BridgeError `unprocessable`. Archives of 4 GB and more (ZIP64) are beyond the limits anyway. */
export function readZipDirectory(bytes: Buffer): ZipDirectory {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const at = bytes.readUInt32LE(end + 16);
  if (at + size > end || count === 0xffff)
    throw toUnreadable('its ZIP directory is damaged or of an unusual kind');
  if (count > PARTS_LIMIT) throw toUnreadable(`it has more than ${PARTS_LIMIT} parts`);
  const found: Omit<ZipEntry, 'end'>[] = [];
  let offset = at;
  for (let index = 0; index < count; index += 1) {
    const entry = readEntry(bytes, offset, at);
    found.push(entry);
    offset += entry.length;
  }
  if (offset > at + size) throw toUnreadable('its ZIP directory is damaged');
  const entries = withEnds(found, at);
  refuseBombs(entries, bytes.length);
  return { entries, at, size, end };
}

function findEnd(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - END_LENGTH - COMMENT_LIMIT);
  for (let at = bytes.length - END_LENGTH; at >= lowest; at -= 1) {
    const isEnd = bytes.readUInt32LE(at) === END_MARK;
    if (isEnd && at + END_LENGTH + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  }
  if (bytes.readUInt32BE(0) === 0xd0cf11e0)
    throw toUnreadable(
      'it is an old .xls workbook or one with a password; save it as .xlsx without a password',
    );
  throw toUnreadable('it is no XLSX workbook, or only a part of one');
}

function readEntry(bytes: Buffer, at: number, limit: number): Omit<ZipEntry, 'end'> {
  if (at + ENTRY_LENGTH > bytes.length || bytes.readUInt32LE(at) !== ENTRY_MARK)
    throw toUnreadable('its ZIP directory is damaged');
  const nameLength = bytes.readUInt16LE(at + 28);
  const extraAt = at + ENTRY_LENGTH + nameLength;
  const extraLength = bytes.readUInt16LE(at + 30);
  const length = ENTRY_LENGTH + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  const extra = bytes.subarray(extraAt, extraAt + extraLength);
  const wide = readWideSizes(
    extra,
    [24, 20, 42].map((place) => bytes.readUInt32LE(at + place)),
  );
  const [unpacked = 0, packed = 0, start = 0] = wide;
  if (start >= limit) throw toUnreadable('its ZIP directory is damaged');
  return {
    name: bytes.toString('utf8', at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength),
    at,
    length,
    start,
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packed,
    unpacked,
  };
}

/** Values that stand as all ones are in the ZIP64 extra field instead, in this order. */
function readWideSizes(extra: Buffer, narrow: readonly number[]): number[] {
  const field = findExtra(extra, 1);
  let at = 0;
  return narrow.map((value) => {
    if (value !== 0xffffffff) return value;
    if (field === null || at + 8 > field.length) throw toUnreadable('its ZIP directory is damaged');
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
}

/** The data of an extra field, or null. */
export function findExtra(extra: Buffer, id: number): Buffer | null {
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

function withEnds(found: readonly Omit<ZipEntry, 'end'>[], limit: number): ZipEntry[] {
  const starts = [...new Set(found.map(({ start }) => start))].sort((a, b) => a - b);
  if (starts.length < found.length) throw toUnreadable('two of its parts lie in the same place');
  const next = new Map(starts.map((start, index) => [start, starts[index + 1] ?? limit]));
  return found.map((entry) => ({ ...entry, end: next.get(entry.start) ?? limit }));
}

function refuseBombs(entries: readonly ZipEntry[], fileSize: number): void {
  let unpacked = 0;
  const names = new Set<string>();
  for (const entry of entries) {
    unpacked += entry.unpacked;
    const name = entry.name.toLowerCase();
    if (names.has(name)) throw toUnreadable(`it holds the part ${entry.name} twice`);
    if ((entry.flags & ENCRYPTED) !== 0) throw toUnreadable('it is protected by a password');
    names.add(name);
  }
  if (unpacked > UNPACKED_LIMIT) throw toUnreadable('it unpacks to more than 200 MB');
  if (unpacked > fileSize * RATIO_LIMIT)
    throw toUnreadable(`it unpacks to more than ${RATIO_LIMIT} times its size`);
}
