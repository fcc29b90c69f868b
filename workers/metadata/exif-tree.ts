/**
 * The directories of an EXIF block as one value: read from a TIFF structure, copied free of it, written back as a block.
 * Decides nothing about tags. Sub-directories are exactly EXIF, GPS and interoperability: no chain is ever followed.
 */
import { tag } from './exif-tags.ts';
import { isMovableMakerNote } from './maker-note.ts';
import {
  type ByteOrder,
  findEntry,
  firstInteger,
  type IfdEntry,
  readIfd,
  type TiffStructure,
} from './tiff-structure.ts';
import { type Hole, longEntry, Room, swapEntry, tiffHeader, writeIfd } from './tiff-writer.ts';

export type ExifTree = {
  order: ByteOrder;
  ifd0: IfdEntry[];
  exif: IfdEntry[] | null;
  gps: IfdEntry[] | null;
  interop: IfdEntry[] | null;
};

export type ReadTree = {
  tree: ExifTree;
  /** Byte ranges of every value read, the header's included. */
  values: Hole[];
  /** Byte ranges of the directories themselves. */
  tables: Hole[];
  /** Offset of the second (thumbnail's) directory, 0 for none. */
  thumbnailIfd: number;
  /** Entries and directories that could not be read. */
  damaged: number;
};

/** All values a copied tree may hold together; hostile entries can all name the same bytes. */
const MAX_COPY = 4 * 1024 * 1024;

/** Null when there is no readable first directory. Pointer entries are left out: the tree has the directories themselves. */
export function readExifTree(tiff: TiffStructure): ReadTree | null {
  const first = readIfd(tiff, tiff.firstIfd);
  if (first === null) return null;
  const values: Hole[] = [{ start: 0, end: 8 }];
  const tables: Hole[] = [];
  let damaged = 0;
  const take = (at: number, pointers: readonly number[]): { all: IfdEntry[]; own: IfdEntry[] } | null => {
    const ifd = readIfd(tiff, at);
    if (ifd === null) {
      damaged++;
      return null;
    }
    damaged += ifd.damaged;
    tables.push({ start: at, end: Math.min(at + ifd.size, tiff.bytes.length) });
    for (const { at: start, value } of ifd.entries) {
      if (start !== null && value.length > 4) values.push({ start, end: start + value.length });
    }
    return { all: ifd.entries, own: ifd.entries.filter((entry) => !pointers.includes(entry.tag)) };
  };
  const sub = (parent: readonly IfdEntry[], pointer: number, pointers: readonly number[] = []) => {
    const at = firstInteger(findEntry(parent, pointer), tiff.order);
    return at === undefined ? null : take(at, pointers);
  };
  const ifd0 = take(first.at, [tag.exifIfd, tag.gpsIfd]);
  if (ifd0 === null) return null;
  const exif = sub(ifd0.all, tag.exifIfd, [tag.interopIfd]);
  const gps = sub(ifd0.all, tag.gpsIfd);
  const interop = exif === null ? null : sub(exif.all, tag.interopIfd);
  return {
    tree: {
      order: tiff.order,
      ifd0: ifd0.own,
      exif: exif?.own ?? null,
      gps: gps?.own ?? null,
      interop: interop?.own ?? null,
    },
    values,
    tables,
    thumbnailIfd: first.next,
    damaged,
  };
}

export type CopyOptions = {
  order: ByteOrder;
  /** `stay`: the note keeps its offset (its bytes must be at the same place in the new file). */
  makerNote: 'stay' | 'if-movable' | 'drop';
};
export type CopiedTree = { tree: ExifTree; makerNoteLost: boolean; tooLarge: number };

/** A tree whose values stand on their own, ready for another file. */
export function copyExifTree(tree: ExifTree, options: CopyOptions): CopiedTree {
  let room = MAX_COPY;
  let tooLarge = 0;
  let makerNoteLost = false;
  const copy = (entry: IfdEntry): IfdEntry | null => {
    if (entry.tag === tag.makerNote && options.makerNote === 'stay') return entry;
    if (entry.tag === tag.makerNote && (options.makerNote === 'drop' || !isMovableMakerNote(entry.value))) {
      makerNoteLost = true;
      return null;
    }
    room -= entry.value.length;
    if (room < 0) {
      room += entry.value.length;
      tooLarge++;
      return null;
    }
    if (options.order !== tree.order) return swapEntry(entry);
    return { ...entry, at: null };
  };
  const copyAll = (entries: readonly IfdEntry[]) => entries.map(copy).filter((entry) => entry !== null);
  const copied: ExifTree = {
    order: options.order,
    ifd0: copyAll(tree.ifd0),
    exif: tree.exif && copyAll(tree.exif),
    gps: tree.gps && copyAll(tree.gps),
    interop: tree.interop && copyAll(tree.interop),
  };
  return { tree: copied, makerNoteLost, tooLarge };
}

/** Writes all directories with their pointers; answers the offset of the first one. */
export function writeExifTree(room: Room, tree: ExifTree): number {
  const { order } = tree;
  const child = (entries: readonly IfdEntry[] | null, pointer: number): IfdEntry[] =>
    entries === null || entries.length === 0
      ? []
      : [longEntry(pointer, writeIfd(room, entries, order), order)];
  const exif = [...(tree.exif ?? []), ...child(tree.interop, tag.interopIfd)];
  const pointers = [...child(exif, tag.exifIfd), ...child(tree.gps, tag.gpsIfd)];
  return writeIfd(room, [...tree.ifd0, ...pointers], order);
}

/** The tree as a block of its own. No entry may have an offset in another block. */
export function writeExifBlock(tree: ExifTree): Buffer {
  const room = new Room(8);
  const first = writeExifTree(room, tree);
  return Buffer.concat([tiffHeader(tree.order, first), room.tail()]);
}

/** The entries with those of the same tag as `changes` replaced, and the others of `changes` added. */
export function withEntries(entries: readonly IfdEntry[], changes: readonly IfdEntry[]): IfdEntry[] {
  const replaced = new Set(changes.map((entry) => entry.tag));
  return [...entries.filter((entry) => !replaced.has(entry.tag)), ...changes];
}
