/** The item tables of an AVIF's `meta` box: locations, and the association of properties. ISO/IEC 14496-12, 8.11; 23008-12, 9.3. */
import { box, Cursor, u16, u32 } from './isobmff.ts';

export type ItemLocation = {
  id: number;
  /** 0: extents count from the start of the file. */
  construction: number;
  dataReference: number;
  base: number;
  extents: { offset: number; length: number }[];
};

const MAX_ITEMS = 10_000;

/** Null for versions and field sizes that need more than 32 bits, or a broken table. */
export function readLocations(payload: Buffer): ItemLocation[] | null {
  const cursor = new Cursor(payload);
  const version = cursor.take(1);
  cursor.take(3);
  const sizes = cursor.take(1);
  const more = cursor.take(1);
  const offsetSize = sizes >> 4;
  const lengthSize = sizes & 15;
  const baseSize = more >> 4;
  const indexSize = version === 0 ? 0 : more & 15;
  const isSupported = [offsetSize, lengthSize, baseSize].every((size) => size === 0 || size === 4);
  if (version > 1 || !isSupported || indexSize !== 0) return null;
  const count = cursor.take(2);
  const items: ItemLocation[] = [];
  for (let i = 0; i < count && !cursor.failed && items.length < MAX_ITEMS; i++) {
    const id = cursor.take(2);
    const construction = version === 0 ? 0 : cursor.take(2) & 15;
    const dataReference = cursor.take(2);
    const base = cursor.take(baseSize);
    const extents = [];
    for (let left = cursor.take(2); left > 0 && !cursor.failed; left--) {
      extents.push({ offset: cursor.take(offsetSize), length: cursor.take(lengthSize) });
    }
    items.push({ id, construction, dataReference, base, extents });
  }
  return cursor.failed ? null : items;
}

/** An `iloc` box of version 1 with 32-bit fields; `base` is folded into the offsets. */
export function writeLocations(items: readonly ItemLocation[]): Buffer {
  const rows = items.flatMap(({ id, construction, dataReference, base, extents }) => [
    u16(id),
    u16(construction),
    u16(dataReference),
    u16(extents.length),
    ...extents.flatMap(({ offset, length }) => [u32(base + offset), u32(length)]),
  ]);
  return box('iloc', Buffer.from([1, 0, 0, 0, 0x44, 0x00]), u16(items.length), ...rows);
}

/** An `ipma` payload with property `index` added to those of item `id`; null when it has no such row or is broken. */
export function associate(payload: Buffer, id: number, index: number): Buffer | null {
  const cursor = new Cursor(payload);
  const version = cursor.take(1);
  cursor.take(2);
  const isWide = (cursor.take(1) & 1) === 1;
  const count = cursor.take(4);
  const idSize = version === 0 ? 2 : 4;
  if (version > 1 || index > (isWide ? 0x7fff : 0x7f)) return null;
  for (let i = 0; i < count && !cursor.failed && i < MAX_ITEMS; i++) {
    const item = cursor.take(idSize);
    const countAt = cursor.at;
    const associations = cursor.take(1);
    const end = cursor.at + associations * (isWide ? 2 : 1);
    if (item === id && !cursor.failed && associations < 255 && end <= payload.length) {
      const grown = Buffer.from(payload.subarray(0, end));
      grown.writeUInt8(associations + 1, countAt);
      return Buffer.concat([grown, isWide ? u16(index) : Buffer.from([index]), payload.subarray(end)]);
    }
    cursor.at = end;
  }
  return null;
}
