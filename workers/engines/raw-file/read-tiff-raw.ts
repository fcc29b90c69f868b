/** Raw files built as a TIFF (DNG, NEF, CR2, ARW, KDC, PEF, …) and Olympus' and Panasonic's variants of it. */
import { exifFromTiff } from '../../metadata/exif-edit.ts';
import { readJpegMetadata } from '../../metadata/read-jpeg.ts';
import {
  type ByteOrder,
  findEntry,
  firstInteger,
  type Ifd,
  type IfdEntry,
  integers,
  readIfd,
  readU32,
  type TiffStructure,
} from '../../metadata/tiff-structure.ts';
import { findPreview, readFrame } from './jpeg-place.ts';
import { byArea, cutShort, type Preview, type RawFile, toSizeFault } from './raw-file.ts';

const tag = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  orientation: 274,
  samples: 277,
  stripOffsets: 273,
  stripCounts: 279,
  subIfds: 330,
  tileOffsets: 324,
  tileCounts: 325,
  jpegOffset: 513,
  jpegLength: 514,
  xmp: 700,
  cfaPattern: 33422,
  iptc: 33723,
  canonCfa: 0xc5e0,
  canonSlices: 0xc640,
} as const;
/** Panasonic: borders of the picture on the sensor, where the data begin, a whole JPEG. */
const panasonic = { top: 4, left: 5, bottom: 6, right: 7, rawOffset: 0x118, jpeg: 0x2e } as const;
const UNCOMPRESSED = 1;
const MAX_DIRECTORIES = 32;
const sensorPhotometrics = new Set([32803, 34892]);

export function readTiffRaw(file: Buffer): RawFile {
  const tiff = openAny(file);
  const ifds = tiff === null ? [] : directories(tiff);
  const first = ifds[0];
  if (tiff === null || first === undefined) {
    return { size: null, orientation: 1, previews: [], blocks: {}, fault: 'its directories cannot be read' };
  }
  const one = (ifd: Ifd, number: number) => firstInteger(findEntry(ifd.entries, number), tiff.order);
  const value = (number: number) => one(first, number);
  const main = findMain(tiff, ifds);
  const stored = value(tag.orientation) ?? 1;
  const previews = byArea(ifds.flatMap((ifd) => previewsOf(tiff, ifd)));
  return {
    size: main.size,
    orientation: stored >= 1 && stored <= 8 ? stored : 1,
    previews,
    blocks: blocksOf(file, first, previews[0]),
    fault: main.fault,
  };
}

/** Also with the magic numbers of ORF and RW2, which stand where TIFF has its 42. */
function openAny(file: Buffer): TiffStructure | null {
  const order = file.toString('latin1', 0, 2) === 'MM' ? 'MM' : 'II';
  return file.length < 16 ? null : { bytes: file, order, firstIfd: readU32(file, 4, order) };
}

function directories(tiff: TiffStructure): Ifd[] {
  const found: Ifd[] = [];
  const seen = new Set<number>();
  const queue = [tiff.firstIfd];
  for (let at = queue.shift(); at !== undefined && found.length < MAX_DIRECTORIES; at = queue.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const ifd = readIfd(tiff, at);
    if (ifd === null) continue;
    found.push(ifd);
    queue.push(...integers(findEntry(ifd.entries, tag.subIfds), tiff.order), ifd.next);
  }
  return found;
}

type Extents = { offsets: number[]; counts: number[] };

function extentsOf({ entries }: Ifd, order: ByteOrder): Extents {
  const list = (number: number) => integers(findEntry(entries, number), order);
  const tiles = list(tag.tileOffsets);
  return tiles.length > 0
    ? { offsets: tiles, counts: list(tag.tileCounts) }
    : { offsets: list(tag.stripOffsets), counts: list(tag.stripCounts) };
}

function previewsOf(tiff: TiffStructure, ifd: Ifd): Preview[] {
  const { bytes, order } = tiff;
  const at = (entry: IfdEntry | undefined) => firstInteger(entry, order);
  const start = at(findEntry(ifd.entries, tag.jpegOffset));
  const length = at(findEntry(ifd.entries, tag.jpegLength));
  const { offsets, counts } = extentsOf(ifd, order);
  const whole = findEntry(ifd.entries, panasonic.jpeg);
  const places: [number | undefined, number | undefined][] = [
    [start, length],
    ...(offsets.length === 1 ? [[offsets[0], counts[0]] as [number | undefined, number | undefined]] : []),
    ...(whole?.at === undefined || whole.at === null
      ? []
      : [[whole.at, whole.value.length] as [number, number]]),
  ];
  return places.flatMap(([from, size]) =>
    from === undefined || size === undefined ? [] : (findPreview(bytes, from, size) ?? []),
  );
}

/** The directory of the sensor's own picture: the one that says so, else the largest. */
function findMain(tiff: TiffStructure, ifds: readonly Ifd[]): Pick<RawFile, 'size' | 'fault'> {
  const first = ifds[0];
  const ofPanasonic = first === undefined ? null : readPanasonic(tiff, first);
  if (ofPanasonic !== null) return ofPanasonic;
  const sized = ifds.map((ifd) => ({ ifd, size: sizeOf(tiff, ifd), isSensor: isSensor(tiff, ifd) }));
  const candidates = sized.some(({ isSensor: says }) => says)
    ? sized.filter(({ isSensor: says }) => says)
    : sized;
  const area = (size: RawFile['size']) => (size === null ? 0 : size.width * size.height);
  const main = [...candidates].sort((a, b) => area(b.size) - area(a.size))[0];
  if (main === undefined) return { size: null, fault: null };
  if (main.size === null) return { size: null, fault: faultOf(tiff, main.ifd, smallest) };
  return { size: main.size, fault: faultOf(tiff, main.ifd, main.size) };
}

function isSensor({ order }: TiffStructure, { entries }: Ifd): boolean {
  const has = (number: number) => findEntry(entries, number) !== undefined;
  const photometric = firstInteger(findEntry(entries, tag.photometric), order) ?? 0;
  return (
    sensorPhotometrics.has(photometric) || has(tag.cfaPattern) || has(tag.canonCfa) || has(tag.canonSlices)
  );
}

function sizeOf(tiff: TiffStructure, ifd: Ifd): RawFile['size'] {
  const width = firstInteger(findEntry(ifd.entries, tag.width), tiff.order);
  const height = firstInteger(findEntry(ifd.entries, tag.height), tiff.order);
  if (width !== undefined && height !== undefined) return { width, height };
  // Canon's sensor directory leaves it to its lossless JPEG, where a row of pixels is split into components.
  const [start] = extentsOf(ifd, tiff.order).offsets;
  const frame = start === undefined ? null : readFrame(tiff.bytes, start, tiff.bytes.length);
  return frame === null || frame.isPhoto
    ? null
    : { width: frame.width * frame.components, height: frame.height };
}

/** Of a picture whose size is not known. */
const smallest = { width: 256, height: 256 };

function faultOf(tiff: TiffStructure, ifd: Ifd, size: { width: number; height: number }): string | null {
  const { offsets, counts } = extentsOf(ifd, tiff.order);
  if (offsets.length === 0) return 'it names no place of its picture data';
  const end = tiff.bytes.length;
  if (offsets.some((offset, index) => offset + (counts[index] ?? 0) > end)) return cutShort;
  const bytes = counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : end - (offsets[0] ?? 0);
  return toSizeFault(bytes, size) ?? uncompressedFault(tiff, ifd, { ...size, bytes });
}

/**
 * Uncompressed data of fewer bits than the samples have is no picture. Some old cameras state the size of the finished
 * picture, which is up to twice as wide as the sensor's: half of it is enough.
 */
function uncompressedFault(
  { order }: TiffStructure,
  { entries }: Ifd,
  { width, height, bytes }: { width: number; height: number; bytes: number },
): string | null {
  const number = (key: number) => firstInteger(findEntry(entries, key), order);
  if (number(tag.compression) !== UNCOMPRESSED) return null;
  const bits = (number(tag.bits) ?? 8) * (number(tag.samples) ?? 1);
  const wanted = Math.floor((width * height * bits) / 8);
  return bytes >= wanted / 2 ? null : `it has ${bytes} bytes of picture data where ${wanted} are needed`;
}

function readPanasonic(tiff: TiffStructure, first: Ifd): Pick<RawFile, 'size' | 'fault'> | null {
  const number = (key: number) => firstInteger(findEntry(first.entries, key), tiff.order);
  const [top, left, bottom, right] = [panasonic.top, panasonic.left, panasonic.bottom, panasonic.right].map(
    number,
  );
  const offset = number(panasonic.rawOffset) ?? number(tag.stripOffsets);
  if (top === undefined || left === undefined || bottom === undefined || right === undefined) return null;
  if (offset === undefined || right <= left || bottom <= top) return null;
  const size = { width: right - left, height: bottom - top };
  const there = tiff.bytes.length - offset;
  if (there <= 0) return { size, fault: cutShort };
  const counted = number(tag.stripCounts) ?? 0;
  // Some write how large the data are unpacked: only a file with far less is cut.
  return { size, fault: there < counted / 2 ? cutShort : toSizeFault(there, size) };
}

/** The variants have part of what EXIF says in directories of their own; the JPEG inside has all of it. */
function blocksOf(file: Buffer, first: Ifd, preview: Preview | undefined): RawFile['blocks'] {
  const xmp = findEntry(first.entries, tag.xmp)?.value;
  const iptc = findEntry(first.entries, tag.iptc)?.value;
  const jpeg = preview && readJpegMetadata(file.subarray(preview.start, preview.end));
  const own = () => jpeg?.exif ?? exifFromTiff(withTiffMagic(file)).exif ?? undefined;
  const exif = hasTiffMagic(file) ? undefined : own();
  return {
    ...(xmp === undefined ? {} : { xmp }),
    ...(iptc === undefined ? {} : { iptc }),
    ...(exif === undefined ? {} : { exif }),
  };
}

function hasTiffMagic(file: Buffer): boolean {
  return file[file[0] === 0x4d ? 3 : 2] === 42;
}

/** Only the beginning, where directories and their values are: the sensor data need no copy. */
function withTiffMagic(file: Buffer): Buffer {
  const head = Buffer.from(file.subarray(0, 4 * 1024 * 1024));
  const isBig = head[0] === 0x4d;
  head[isBig ? 3 : 2] = 42;
  head[isBig ? 2 : 3] = 0;
  return head;
}
