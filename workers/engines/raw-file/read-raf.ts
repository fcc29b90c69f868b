/** Fujifilm RAF: a fixed header that points to a whole JPEG, a list of facts and the sensor's data. Layout as ExifTool lists it. */
import { readJpegMetadata } from '../../metadata/read-jpeg.ts';
import { findEntry, firstInteger, openTiff, readIfd } from '../../metadata/tiff-structure.ts';
import type { Size } from '../../pipeline/target-size.ts';
import { findPreview } from './jpeg-place.ts';
import { cutShort, type RawFile, toSizeFault } from './raw-file.ts';

const HEADER = 108;
const ORIENTATION = 274;
const facts = { fullSize: 0x100, croppedSize: 0x111 } as const;

export function readRaf(file: Buffer): RawFile {
  if (file.length < HEADER) {
    return { size: null, orientation: 1, previews: [], blocks: {}, fault: 'its header is cut short' };
  }
  const [jpegAt, jpegLength, factsAt, factsLength, dataAt, dataLength] = [84, 88, 92, 96, 100, 104].map(
    (at) => file.readUInt32BE(at),
  ) as [number, number, number, number, number, number];
  const preview = findPreview(file, jpegAt, jpegLength);
  const jpeg = preview && readJpegMetadata(file.subarray(preview.start, preview.end));
  const size = readSize(file.subarray(factsAt, factsAt + factsLength));
  const fault =
    dataAt + dataLength > file.length ? cutShort : size === null ? null : toSizeFault(dataLength, size);
  return {
    size,
    orientation: orientationOf(jpeg?.exif ?? null),
    previews: preview === null ? [] : [preview],
    blocks: { ...(jpeg?.exif ? { exif: jpeg.exif } : {}), ...(jpeg?.xmp ? { xmp: jpeg.xmp } : {}) },
    fault,
  };
}

function readSize(list: Buffer): Size | null {
  const sizes = new Map<number, Size>();
  if (list.length < 4) return null;
  let at = 4;
  for (let left = Math.min(list.readUInt32BE(0), 255); left > 0 && at + 8 <= list.length; left--) {
    const [id, length] = [list.readUInt16BE(at), list.readUInt16BE(at + 2)];
    const [height, width] = [list.readUInt16BE(at + 4), list.readUInt16BE(at + 6)];
    if (length === 4) sizes.set(id, { width, height });
    at += 4 + length;
  }
  const size = sizes.get(facts.croppedSize) ?? sizes.get(facts.fullSize) ?? null;
  // Sensors with two rows of pixels to each row of the picture count one of them.
  return size !== null && size.width > 2.5 * size.height ? { ...size, height: 2 * size.height } : size;
}

export function orientationOf(exif: Buffer | null): number {
  const tiff = exif && openTiff(exif);
  const ifd = tiff && readIfd(tiff, tiff.firstIfd);
  const value =
    ifd === null ? 1 : (firstInteger(findEntry(ifd.entries, ORIENTATION), tiff?.order ?? 'II') ?? 1);
  return value >= 1 && value <= 8 ? value : 1;
}
