/**
 * Names what a source carries beside its picture and metadata and no output does: depth maps, videos, further pictures,
 * signatures. Looks at structure only, never throws.
 */
import { type DirectoryItem, pictureUse, readDirectory } from './gain-map.ts';
import { type Box, readLeadingBoxes } from './isobmff.ts';
import { bodiesOf, type JpegHead, jpegMarker } from './jpeg-segments.ts';
import { isDisparity, isLargeThumbnail, type PictureIndex } from './multi-picture.ts';
import { findEntry, openTiff, readIfd } from './tiff-structure.ts';
import { hasNamed, simpleValue, toXmpText } from './xmp-text.ts';

export const leftBehind = {
  depth: 'The depth map was not kept.',
  mattes: 'The masks of parts of the photo (mattes) were not kept.',
  video: 'The video of the motion photo was not kept.',
  previews: 'The large previews in the file were not kept.',
  pictures: 'Only the first of several pictures in the file was kept.',
  brokenIndex: 'The list of further pictures in the file is damaged; they were not kept.',
  credentials: 'The content credentials (C2PA) were not kept: they vouch for the file as it was.',
} as const;

/** What XMP tells of, whatever the container. */
function fromXmp(text: string, items: readonly DirectoryItem[]): string[] {
  const found: string[] = [];
  const isMotion = [
    simpleValue(text, ['camera', 'MotionPhoto']),
    simpleValue(text, ['camera', 'MicroVideo']),
  ].includes('1');
  const has = (pattern: RegExp, field: 'semantic' | 'mime') =>
    items.some((item) => pattern.test(item[field]));
  if (isMotion || has(/^video\//, 'mime')) found.push(leftBehind.video);
  if (hasNamed(text, 'depth', 'Data') || has(/depth/i, 'semantic')) found.push(leftBehind.depth);
  return found;
}

export function leftBehindByXmp(xmp: Buffer | null): string[] {
  return xmp === null ? [] : fromXmp(toXmpText(xmp), readDirectory(xmp));
}

export function leftBehindByJpeg(file: Buffer, head: JpegHead, index: PictureIndex | null): string[] {
  const found: string[] = [];
  if (hasVideo(file, head.end)) found.push(leftBehind.video);
  // JUMBF boxes in APP11 segments (ISO/IEC 19566-5, annex D).
  const boxes = bodiesOf(head, jpegMarker.app11, Buffer.from('JP', 'latin1'));
  if (boxes.some((body) => body.includes('c2pa', 0, 'latin1'))) found.push(leftBehind.credentials);
  if (index === null) return found;
  if (index.broken > 0) found.push(leftBehind.brokenIndex);
  for (const picture of index.pictures) {
    const use = pictureUse(file.subarray(picture.start, picture.end));
    if (use === 'gain-map') continue;
    if (use === 'depth' || isDisparity(picture)) found.push(leftBehind.depth);
    else if (use === 'matte') found.push(leftBehind.mattes);
    else found.push(isLargeThumbnail(picture) ? leftBehind.previews : leftBehind.pictures);
  }
  return found;
}

/** A video begins with its `ftyp` box; some makers put their own blocks before it, so it is looked for. */
function hasVideo(file: Buffer, from: number): boolean {
  for (let at = file.indexOf('ftyp', from, 'latin1'); at > 0; at = file.indexOf('ftyp', at + 4, 'latin1')) {
    const size = at >= 4 ? file.readUInt32BE(at - 4) : 0;
    const isBox = size >= 16 && size <= 256 && at - 4 + size <= file.length;
    if (isBox && /^[\w ]{4}$/.test(file.toString('latin1', at + 4, at + 8))) return true;
  }
  return false;
}

/** C2PA 2.1, appendix A: where each container keeps its credentials. */
const c2paUuid = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex');

export type FoundInBoxes = { gainMap: boolean; sentences: string[] };

/** Of a HEIC or AVIF. A gain map is a `tmap` item (ISO 21496-1 in HEIF). */
export function leftBehindByBoxes(file: Buffer): FoundInBoxes {
  const found: FoundInBoxes = { gainMap: false, sentences: [] };
  const boxes = readLeadingBoxes(file);
  if (boxes.some(({ type }) => type === 'mpvd')) found.sentences.push(leftBehind.video);
  const isCredentials = ({ type, payload }: Box) =>
    type === 'uuid' && payload.subarray(0, c2paUuid.length).equals(c2paUuid);
  if (boxes.some(isCredentials)) found.sentences.push(leftBehind.credentials);
  const meta = boxes.find(({ type }) => type === 'meta');
  const information = meta && readLeadingBoxes(meta.payload.subarray(4)).find(({ type }) => type === 'iinf');
  if (information === undefined || information.payload.length < 8) return found;
  const entries = readLeadingBoxes(information.payload.subarray(information.payload[0] === 0 ? 6 : 8));
  found.gainMap = entries.some(({ type, payload }) => type === 'infe' && itemType(payload) === 'tmap');
  return found;
}

/** ISO/IEC 14496-12, 8.11.6.2: versions 2 and 3 differ in the width of the id before the type. */
function itemType(entry: Buffer): string {
  const at = entry[0] === 3 ? 10 : 8;
  return entry.toString('latin1', at, at + 4);
}

/** Of a PNG or WebP: both are runs of named chunks. */
export function leftBehindByChunks(file: Buffer): string[] {
  const isPng = file.toString('latin1', 1, 4) === 'PNG';
  const name = isPng ? 'caBX' : 'C2PA';
  let at = isPng ? 8 : 12;
  while (at + 8 <= file.length) {
    const size = isPng ? file.readUInt32BE(at) : file.readUInt32LE(at + 4);
    const nameAt = isPng ? at + 4 : at;
    if (file.toString('latin1', nameAt, nameAt + 4) === name) return [leftBehind.credentials];
    at += isPng ? 12 + size : 8 + size + (size % 2);
  }
  return [];
}

const C2PA_TAG = 0xcd41;

export function leftBehindByTiff(file: Buffer): string[] {
  const tiff = openTiff(file);
  const ifd = tiff && readIfd(tiff, tiff.firstIfd);
  return ifd && findEntry(ifd.entries, C2PA_TAG) !== undefined ? [leftBehind.credentials] : [];
}
