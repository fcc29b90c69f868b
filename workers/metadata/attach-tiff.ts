/**
 * Puts EXIF, XMP, IPTC and ICC into a TIFF by writing its directory anew around untouched pixel strips. An EXIF block
 * with maker notes goes to the very start of the file, so that the offsets inside the notes keep pointing right.
 */
import { lost, unchanged } from './attach-warnings.ts';
import { fileBoundTags, tag } from './exif-tags.ts';
import { copyExifTree, type ExifTree, readExifTree, withEntries, writeExifTree } from './exif-tree.ts';
import { isMovableMakerNote } from './maker-note.ts';
import { fittingProfile } from './profiles.ts';
import {
  type ByteOrder,
  findEntry,
  firstInteger,
  type IfdEntry,
  integers,
  openTiff,
  readIfd,
  type TiffStructure,
  tiffType,
} from './tiff-structure.ts';
import { asciiEntry, bytesEntry, longEntry, Room, swapEntry, tiffHeader } from './tiff-writer.ts';
import type { AttachInput, AttachResult } from './types.ts';

/** Entries of the encoder that the source's own take the place of. */
const overridden: readonly number[] = [tag.xResolution, tag.yResolution, tag.resolutionUnit];

/** Whole blocks that are written anew or left out. */
const replaced: readonly number[] = [tag.exifIfd, tag.gpsIfd, tag.xmp, tag.iptc, tag.icc];

/** Exif 2.32, table 17: only for compressed (JPEG) pictures; a TIFF says all of it in its own first directory. */
const jpegOnly: ReadonlySet<number> = new Set([
  tag.componentsConfiguration,
  tag.compressedBitsPerPixel,
  tag.pixelXDimension,
  tag.pixelYDimension,
]);

type Strips = { offsets: IfdEntry; values: number[]; start: number; end: number };
/** `front`: bytes for the start of the file, the header's 8 included. */
type Placed = { tree: ExifTree; front: Buffer; warnings: string[] };

export function attachToTiff({ encoded, blocks, icc }: AttachInput): AttachResult {
  const tiff = openTiff(encoded);
  const ifd = tiff && readIfd(tiff, tiff.firstIfd);
  const strips = tiff && ifd && readStrips(tiff, ifd.entries);
  if (tiff === null || ifd === null || strips === null || ifd.damaged > 0) return unchanged(encoded);
  const { tree, front, warnings } = placeExif(blocks.exif, tiff, ifd.entries);
  const { order } = tree;
  const photometric = firstInteger(findEntry(ifd.entries, tag.photometric), tiff.order) ?? 2;
  const profile = fittingProfile(icc, photometric <= 1);
  if (profile === null && icc !== null) warnings.push(lost.profile);
  const dataAt = front.length + ((16 - (front.length % 16)) % 16);
  const room = new Room(dataAt + strips.end - strips.start);
  const shift = dataAt - strips.start;
  if (room.start > 0xf000_0000) return unchanged(encoded);
  const structure = ifd.entries
    .filter((entry) => !replaced.includes(entry.tag))
    .map((entry) => (order === tiff.order ? { ...entry, at: null } : swapEntry(entry)));
  const ifd0 = mergeDirectories(structure, tree.ifd0, [
    longEntry(
      strips.offsets.tag,
      strips.values.map((value) => value + shift),
      order,
    ),
    ...(blocks.xmp === null ? [] : [bytesEntry(tag.xmp, blocks.xmp, 1)]),
    ...(blocks.iptc === null ? [] : [bytesEntry(tag.iptc, blocks.iptc, 7)]),
    ...(profile === null ? [] : [bytesEntry(tag.icc, profile, 7)]),
  ]);
  const exif = tree.exif?.filter((entry) => !jpegOnly.has(entry.tag)) ?? null;
  const first = writeExifTree(room, { ...tree, exif, ifd0 });
  tiffHeader(order, first).copy(front);
  const pixels = encoded.subarray(strips.start, strips.end);
  return { pieces: [front, Buffer.alloc(dataAt - front.length), pixels, room.tail()], warnings };
}

function readStrips(tiff: TiffStructure, entries: readonly IfdEntry[]): Strips | null {
  const isTiled = findEntry(entries, tag.tileOffsets) !== undefined;
  const offsets = findEntry(entries, isTiled ? tag.tileOffsets : tag.stripOffsets);
  const lengths = integers(
    findEntry(entries, isTiled ? tag.tileByteCounts : tag.stripByteCounts),
    tiff.order,
  );
  const values = integers(offsets, tiff.order);
  if (offsets === undefined || values.length === 0 || values.length !== lengths.length) return null;
  const start = values.reduce((least, value) => Math.min(least, value), Infinity);
  const end = values.reduce((most, value, i) => Math.max(most, value + (lengths[i] ?? 0)), 0);
  return start < 8 || end > tiff.bytes.length ? null : { offsets, values, start, end };
}

/** The byte order is the EXIF block's where the pixels allow it: 16-bit samples are in the encoder's order. */
function placeExif(exif: Buffer | null, encoded: TiffStructure, structure: readonly IfdEntry[]): Placed {
  const block = exif && openTiff(exif);
  const read = block && readExifTree(block);
  if (exif === null || read === null) {
    const tree = { order: encoded.order, ifd0: [], exif: null, gps: null, interop: null };
    return { tree, front: Buffer.alloc(8), warnings: [] };
  }
  const bits = integers(findEntry(structure, tag.bitsPerSample), encoded.order);
  const order: ByteOrder = bits.every((count) => count <= 8) ? read.tree.order : encoded.order;
  const note = findEntry(read.tree.exif ?? [], tag.makerNote)?.value;
  const { tree, tooLarge } = copyExifTree(read.tree, { order, makerNote: 'stay' });
  const warnings = tooLarge > 0 ? ['Some very large EXIF tags were not kept.'] : [];
  if (note !== undefined && order !== read.tree.order && !isMovableMakerNote(note)) {
    warnings.push('The maker notes were kept in another byte order: not every program will read them.');
  }
  return { tree, front: note === undefined ? Buffer.alloc(8) : Buffer.from(exif), warnings };
}

function mergeDirectories(
  structure: IfdEntry[],
  exif: readonly IfdEntry[],
  added: readonly IfdEntry[],
): IfdEntry[] {
  const taken = new Set(structure.map((entry) => entry.tag).filter((number) => !overridden.includes(number)));
  const described = exif
    .filter(
      (entry) => !taken.has(entry.tag) && !fileBoundTags.has(entry.tag) && entry.tag !== tag.yCbCrPositioning,
    )
    .map((entry) => (entry.type === tiffType.ascii ? oneString(entry) : entry));
  return withEntries(withEntries(structure, described), added);
}

/** TIFF readers refuse or cut text with NULs inside, which cameras pad with; one between two texts becomes a space. */
function oneString(entry: IfdEntry): IfdEntry {
  const text = entry.value.toString('latin1').replace(/\0+$/, '').replaceAll('\0', ' ');
  return asciiEntry(entry.tag, text);
}
