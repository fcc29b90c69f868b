/**
 * Makes the EXIF of an output from the EXIF of its source. Values are never moved in a kept block, so that the private
 * offsets inside maker notes stay valid: changed directories are appended and the header points to them.
 */
import { fileBoundTags, isRawOnlyTag, tag } from './exif-tags.ts';
import {
  copyExifTree,
  type ExifTree,
  type ReadTree,
  readExifTree,
  withEntries,
  writeExifBlock,
  writeExifTree,
} from './exif-tree.ts';
import {
  type ByteOrder,
  findEntry,
  firstInteger,
  type IfdEntry,
  openTiff,
  readIfd,
  type TiffStructure,
} from './tiff-structure.ts';
import {
  asciiEntry,
  bytesEntry,
  type Hole,
  longEntry,
  Room,
  rationalEntry,
  shortEntry,
  tiffHeader,
} from './tiff-writer.ts';
import type { PrepareOptions } from './types.ts';

export type ExifOptions = Required<Omit<PrepareOptions, 'policy' | 'orientation'>>;
export type EditedExif = { exif: Buffer | null; warnings: string[] };

/** A block above this is left out: no container but TIFF could hold much more, and no camera writes it. */
const MAX_EXIF = 16 * 1024 * 1024;
const UNCALIBRATED = 0xffff;

/** The source's block with orientation 1, our software name, the output's size and colour space, and no thumbnail. */
export function keepExif(source: Buffer | null, options: ExifOptions): EditedExif {
  if (source === null) return { exif: minimalExif(options), warnings: [] };
  const tiff = source.length > MAX_EXIF ? null : openTiff(source);
  const read = tiff && readExifTree(tiff);
  if (tiff === null || read === null) {
    return { exif: minimalExif(options), warnings: ['The EXIF data is damaged and was not kept.'] };
  }
  const { block, holes } = reusableBlock(tiff, read);
  const tree = { ...read.tree, ...editedDirectories(read.tree, options) };
  const room = new Room(block.length + (block.length % 2), block, holes);
  const first = writeExifTree(room, tree);
  tiffHeader(tiff.order, first).copy(block);
  const gap = Buffer.alloc(room.start - block.length);
  return {
    exif: Buffer.concat([block, gap, room.tail()]),
    warnings: read.damaged === 0 ? [] : ['Some damaged EXIF tags were not kept.'],
  };
}

function editedDirectories(
  tree: ExifTree,
  options: ExifOptions,
): Pick<ExifTree, 'ifd0' | 'exif' | 'interop'> {
  const { order } = tree;
  const own = tree.ifd0.filter((entry) => !fileBoundTags.has(entry.tag));
  const ifd0 = withEntries(own, [
    shortEntry(tag.orientation, 1, order),
    asciiEntry(tag.software, options.software),
  ]);
  const exif = tree.exif && withEntries(tree.exif, sizeAndColour(options, order));
  if (exif !== null) addIfMissing(exif, flashpixVersion());
  addIfMissing(ifd0, centredChroma(order));
  const interop = tree.interop?.map((entry) =>
    entry.tag === tag.interopIndex && options.colour !== 'other'
      ? asciiEntry(tag.interopIndex, options.colour === 'adobe-rgb' ? 'R03' : 'R98')
      : entry,
  );
  return { ifd0, exif, interop: interop ?? null };
}

function addIfMissing(entries: IfdEntry[], entry: IfdEntry): void {
  if (findEntry(entries, entry.tag) === undefined) entries.push(entry);
}

/** Exif 2.32, 4.6.5: a JPEG's first directory has to say where its chroma samples lie; our encoder centres them. */
function centredChroma(order: ByteOrder): IfdEntry {
  return shortEntry(tag.yCbCrPositioning, 1, order);
}

/** Exif 2.32, 4.6.6: required, and always this. */
function flashpixVersion(): IfdEntry {
  return bytesEntry(tag.flashpixVersion, Buffer.from('0100', 'latin1'), 7);
}

/** Exif 2.32 knows sRGB (1) and "uncalibrated"; Adobe RGB is told by the interoperability index R03 (DCF 2.0). */
function sizeAndColour(options: ExifOptions, order: ByteOrder): IfdEntry[] {
  return [
    shortEntry(tag.colorSpace, options.colour === 'srgb' ? 1 : UNCALIBRATED, order),
    longEntry(tag.pixelXDimension, options.width, order),
    longEntry(tag.pixelYDimension, options.height, order),
  ];
}

/** The least that Exif 2.32 asks of a file with our software tag. */
function minimalExif(options: ExifOptions): Buffer {
  const order = 'II';
  return writeExifBlock({
    order,
    ifd0: [
      shortEntry(tag.orientation, 1, order),
      rationalEntry(tag.xResolution, 72, order),
      rationalEntry(tag.yResolution, 72, order),
      shortEntry(tag.resolutionUnit, 2, order),
      asciiEntry(tag.software, options.software),
      centredChroma(order),
    ],
    exif: [
      bytesEntry(tag.exifVersion, Buffer.from('0232', 'latin1'), 7),
      bytesEntry(tag.componentsConfiguration, Buffer.from([1, 2, 3, 0]), 7),
      flashpixVersion(),
      ...sizeAndColour(options, order),
    ],
    gps: null,
    interop: null,
  });
}

/**
 * A copy of the block, and the places in it that hold nothing any more: the old directories and the thumbnail, whose
 * bytes are wiped (it would show the photo before it was developed). A place that a value also claims is no hole.
 */
function reusableBlock(tiff: TiffStructure, read: ReadTree): { block: Buffer; holes: Hole[] } {
  const copy = Buffer.from(tiff.bytes);
  const thumbnail = findThumbnail(tiff, read.thumbnailIfd);
  const holes = [...read.tables, ...thumbnail].filter((hole, i, all) => {
    const others = [...read.values, ...all.slice(0, i)];
    return others.every(({ start, end }) => hole.end <= start || end <= hole.start);
  });
  for (const { start, end } of holes) copy.fill(0, start, end);
  const used = [...read.values, ...read.tables].reduce((most, { end }) => Math.max(most, end), 0);
  const last = holes.find(({ start, end }) => start >= used && copy.length - end < 16);
  if (last === undefined) return { block: copy, holes };
  return { block: copy.subarray(0, last.start), holes: holes.filter((hole) => hole !== last) };
}

/** The second directory and its picture, as far as they lie inside the block. */
function findThumbnail(tiff: TiffStructure, at: number): Hole[] {
  const ifd = at === 0 ? null : readIfd(tiff, at);
  if (ifd === null) return [];
  const value = (number: number) => firstInteger(findEntry(ifd.entries, number), tiff.order);
  const start = value(tag.thumbnailOffset) ?? value(tag.stripOffsets);
  const length = value(tag.thumbnailLength) ?? value(tag.stripByteCounts);
  const table = { start: at, end: Math.min(at + ifd.size, tiff.bytes.length) };
  if (start === undefined || length === undefined || start + length > tiff.bytes.length) return [table];
  return [table, { start, end: start + length }];
}

/** Only who made the photo and whose it is. Null when the source does not say. */
export function copyrightExif(source: Buffer | null): EditedExif {
  const tiff = source && openTiff(source);
  const read = tiff && readExifTree(tiff);
  if (read === null) return { exif: null, warnings: [] };
  const ifd0 = read.tree.ifd0.filter((entry) => entry.tag === tag.artist || entry.tag === tag.copyright);
  if (ifd0.length === 0) return { exif: null, warnings: [] };
  ifd0.push(centredChroma(read.tree.order));
  const { tree, tooLarge } = copyExifTree(
    { order: read.tree.order, ifd0, exif: null, gps: null, interop: null },
    { order: read.tree.order, makerNote: 'drop' },
  );
  return {
    exif: writeExifBlock(tree),
    warnings: tooLarge === 0 ? [] : ['The copyright tag is too large and was not kept.'],
  };
}

/** The EXIF inside a TIFF (or TIFF-like raw) file as a block of its own: what describes the file's pixels stays behind. */
export function exifFromTiff(file: Buffer): EditedExif {
  const tiff = openTiff(file);
  const read = tiff && readExifTree(tiff);
  if (read === null) return { exif: null, warnings: ['The EXIF data of this TIFF could not be read.'] };
  const ifd0 = read.tree.ifd0.filter((entry) => !fileBoundTags.has(entry.tag) && !isRawOnlyTag(entry.tag));
  const { order } = read.tree;
  const { tree, makerNoteLost, tooLarge } = copyExifTree(
    { ...read.tree, ifd0 },
    { order, makerNote: 'if-movable' },
  );
  const isEmpty = tree.ifd0.length === 0 && tree.exif === null && tree.gps === null;
  const warnings = [];
  if (makerNoteLost) warnings.push('The maker notes could not be kept.');
  if (tooLarge + read.damaged > 0) warnings.push('Some damaged or very large EXIF tags were not kept.');
  return { exif: isEmpty ? null : writeExifBlock(tree), warnings };
}

/** The block rewritten small: no maker notes, no unused space. Null when it cannot be read. */
export function compactExif(block: Buffer): Buffer | null {
  const tiff = openTiff(block);
  const read = tiff && readExifTree(tiff);
  if (read === null) return null;
  return writeExifBlock(copyExifTree(read.tree, { order: read.tree.order, makerNote: 'drop' }).tree);
}
