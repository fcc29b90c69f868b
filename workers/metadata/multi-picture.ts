/**
 * The index of a JPEG that holds several pictures: reads it, writes one for a gain map. CIPA DC-007 (Multi-Picture
 * Format), 5.2. Follows no chain of directories, and believes no offset that does not lead to a JPEG.
 */
import { u16, u32 } from './isobmff.ts';
import { afterPrefix, type JpegHead, jpegMarker, jpegPrefix, startsJpeg } from './jpeg-segments.ts';
import { findEntry, firstInteger, openTiff, readIfd, readU32, tiffType } from './tiff-structure.ts';
import { tiffHeader } from './tiff-writer.ts';

/** One picture beside the first: where its bytes lie in the file, and what the index says it is. */
export type IndexedPicture = { type: number; start: number; end: number };

export type PictureIndex = {
  pictures: IndexedPicture[];
  /** Entries that lead nowhere. */
  broken: number;
};

/** DC-007, 5.2.3.3: the kinds of pictures; the low byte of the classes tells sizes and uses apart. */
export const pictureType = { undefined: 0, primary: 0x030000, gainMap: 0x050000 } as const;
const largeThumbnail = 0x01;
const disparity = 0x020002;

export function isLargeThumbnail({ type }: IndexedPicture): boolean {
  return type >> 16 === largeThumbnail;
}

export function isDisparity({ type }: IndexedPicture): boolean {
  return type === disparity;
}

const tag = { version: 0xb000, count: 0xb001, entries: 0xb002 } as const;
const ENTRY_BYTES = 16;
/** A burst or panorama has some dozen; a hostile index can name one picture thousands of times. */
const MAX_PICTURES = 64;

/** Null when the file has no index. Offsets count from the byte after the `MPF\0` of its segment. */
export function readPictureIndex(file: Buffer, head: JpegHead): PictureIndex | null {
  const segment = head.segments.find(
    ({ marker, payload }) =>
      marker === jpegMarker.app2 && afterPrefix(payload, jpegPrefix.multiPicture) !== null,
  );
  if (segment === undefined) return null;
  const base = segment.end - segment.payload.length + jpegPrefix.multiPicture.length;
  const tiff = openTiff(segment.payload.subarray(jpegPrefix.multiPicture.length));
  const ifd = tiff && readIfd(tiff, tiff.firstIfd);
  const rows = ifd && findEntry(ifd.entries, tag.entries)?.value;
  if (tiff === null || !rows) return { pictures: [], broken: 1 };
  const number = (at: number) => readU32(rows, at, tiff.order);
  const declared = firstInteger(findEntry(ifd?.entries ?? [], tag.count), tiff.order) ?? 0;
  const count = Math.min(Math.floor(rows.length / ENTRY_BYTES), MAX_PICTURES);
  const index: PictureIndex = { pictures: [], broken: declared > count ? 1 : 0 };
  // The first entry is the picture that the index stands in.
  for (let at = ENTRY_BYTES; at < count * ENTRY_BYTES; at += ENTRY_BYTES) {
    const start = base + number(at + 8);
    const picture = { type: number(at) & 0xffffff, start, end: start + number(at + 4) };
    if (isPicture(file, head, picture)) index.pictures.push(picture);
    else index.broken++;
  }
  return index;
}

export function isPicture(
  file: Buffer,
  head: JpegHead,
  { start, end }: Pick<IndexedPicture, 'start' | 'end'>,
): boolean {
  return start > head.end && end <= file.length && end - start > 4 && startsJpeg(file, start);
}

/**
 * The payload of the segment that says: behind this picture of `primaryBytes` lies another of `secondBytes`. `baseAt`:
 * where in the file the byte after its `MPF\0` will lie. Its length does not depend on the numbers. The directory comes
 * first and the entries right behind it, as all cameras write it: some readers know no other order.
 */
export function pictureIndexPayload(sizes: {
  primaryBytes: number;
  secondBytes: number;
  baseAt: number;
}): Buffer {
  const rows = [
    [pictureType.primary, sizes.primaryBytes, 0, 0],
    [pictureType.undefined, sizes.secondBytes, sizes.primaryBytes - sizes.baseAt, 0],
  ] as const;
  const fields = [
    { number: tag.version, type: tiffType.undefined, count: 4, value: Buffer.from('0100', 'latin1') },
    { number: tag.count, type: tiffType.long, count: 1, value: u32(rows.length) },
    { number: tag.entries, type: tiffType.undefined, count: rows.length * ENTRY_BYTES, value: null },
  ];
  const entriesAt = 8 + 2 + 12 * fields.length + 4;
  return Buffer.concat([
    jpegPrefix.multiPicture,
    tiffHeader('MM', 8),
    u16(fields.length),
    ...fields.flatMap(({ number, type, count, value }) => [
      u16(number),
      u16(type),
      u32(count),
      value ?? u32(entriesAt),
    ]),
    u32(0),
    ...rows.flat().map(u32),
  ]);
}
