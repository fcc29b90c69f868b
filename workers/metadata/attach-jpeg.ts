/** Puts EXIF, XMP, IPTC and ICC segments into a JPEG, after JFIF and before everything the decoder needs. */
import { createHash } from 'node:crypto';
import { lost, unchanged } from './attach-warnings.ts';
import { compactExif } from './exif-edit.ts';
import { type GainMap, gainMapDescription, isoVersionPayload } from './gain-map.ts';
import { toPhotoshopBlock } from './iptc.ts';
import { afterPrefix, type JpegSegment, jpegMarker, jpegPrefix, readJpegHead } from './jpeg-segments.ts';
import { pictureIndexPayload } from './multi-picture.ts';
import { fittingProfile } from './profiles.ts';
import type { AttachInput, AttachResult } from './types.ts';
import { extensionHolder, withDescription } from './xmp-edit.ts';

/** Bytes a segment can hold after its length field. */
const MAX_PAYLOAD = 65_533;
const MAX_PROFILE_CHUNKS = 255;
const replaced = [
  [jpegMarker.app1, jpegPrefix.exif],
  [jpegMarker.app1, jpegPrefix.xmp],
  [jpegMarker.app2, jpegPrefix.icc],
  [jpegMarker.app13, jpegPrefix.photoshop],
] as const;

export function attachToJpeg({ encoded, blocks, icc, gainMap = null }: AttachInput): AttachResult {
  const head = readJpegHead(encoded);
  if (head === null || head.components === 0) return unchanged(encoded);
  const warnings: string[] = [];
  const profile = fittingProfile(icc, head.components === 1);
  if (profile === null && icc !== null) warnings.push(lost.profile);
  const added = [
    ...exifSegments(blocks.exif, warnings),
    ...xmpSegments(blocks.xmp, gainMap),
    ...iptcSegments(blocks.iptc, warnings),
    ...profileSegments(profile, warnings),
    ...(gainMap?.inIso ? [segment(jpegMarker.app2, isoVersionPayload())] : []),
  ];
  const [first, ...others] = head.segments.filter((segment) => !isReplaced(segment));
  const view = ({ start, end }: JpegSegment) => encoded.subarray(start, end);
  const isJfif = first?.marker === jpegMarker.app0;
  const before = isJfif ? [view(first)] : [];
  const after = first === undefined || isJfif ? others : [first, ...others];
  const front = [encoded.subarray(0, 2), ...before, ...added];
  const rest = [...after.map(view), encoded.subarray(head.end)];
  return { pieces: gainMap === null ? [...front, ...rest] : withSecond(front, rest, gainMap.jpeg), warnings };
}

/** Puts the index of pictures between the two parts of the first one, and the second behind it. DC-007, 5.2. */
function withSecond(front: Buffer[], rest: readonly Buffer[], second: Buffer): Buffer[] {
  const baseAt = bytesOf(front) + 4 + jpegPrefix.multiPicture.length;
  const index = (primaryBytes: number) =>
    segment(jpegMarker.app2, pictureIndexPayload({ primaryBytes, secondBytes: second.length, baseAt }));
  const primaryBytes = bytesOf(front) + index(baseAt).length + bytesOf(rest);
  return [...front, index(primaryBytes), ...rest, second];
}

function bytesOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function isReplaced(segment: JpegSegment): boolean {
  return replaced.some(
    ([marker, prefix]) => segment.marker === marker && afterPrefix(segment.payload, prefix) !== null,
  );
}

function segment(marker: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(bytesOf(parts) + 2, 2);
  return Buffer.concat([head, ...parts]);
}

function exifSegments(exif: Buffer | null, warnings: string[]): Buffer[] {
  if (exif === null) return [];
  const room = MAX_PAYLOAD - jpegPrefix.exif.length;
  if (exif.length <= room) return [segment(jpegMarker.app1, jpegPrefix.exif, exif)];
  const small = compactExif(exif);
  if (small === null || small.length > room) {
    warnings.push('The EXIF data is too large for a JPEG and was not kept.');
    return [];
  }
  warnings.push('The EXIF data is too large for a JPEG: its maker notes were not kept.');
  return [segment(jpegMarker.app1, jpegPrefix.exif, small)];
}

/**
 * A packet too large for one segment goes into an extension whole (XMP specification part 3, 1.1.3.1). What it says of a
 * gain map stays in the main one: readers of HDR photos look no further.
 */
function xmpSegments(source: Buffer | null, gainMap: GainMap | null): Buffer[] {
  const more = gainMap?.inXmp ? gainMapDescription(gainMap.jpeg.length) : '';
  const xmp = more === '' ? source : withDescription(source, more);
  if (xmp === null) return [];
  if (source === null || xmp.length <= MAX_PAYLOAD - jpegPrefix.xmp.length)
    return [segment(jpegMarker.app1, jpegPrefix.xmp, xmp)];
  const extension = withoutWrapper(source);
  const guid = createHash('md5').update(extension).digest('hex').toUpperCase();
  const room = MAX_PAYLOAD - jpegPrefix.xmpExtension.length - 40;
  const parts = chunks(extension, room).map((part, i) => {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(extension.length, 0);
    numbers.writeUInt32BE(i * room, 4);
    return segment(jpegMarker.app1, jpegPrefix.xmpExtension, Buffer.from(guid, 'latin1'), numbers, part);
  });
  return [segment(jpegMarker.app1, jpegPrefix.xmp, extensionHolder(guid, more)), ...parts];
}

/** An extension is bare RDF in its `x:xmpmeta`: without the packet's `<?xpacket ?>` around it. */
function withoutWrapper(xmp: Buffer): Buffer {
  const text = xmp
    .toString('latin1')
    .replace(/<\?xpacket [^<>]{0,200}\?>/g, '')
    .trim();
  return Buffer.from(text, 'latin1');
}

function iptcSegments(iptc: Buffer | null, warnings: string[]): Buffer[] {
  if (iptc === null) return [];
  const block = toPhotoshopBlock(iptc);
  if (block.length <= MAX_PAYLOAD) return [segment(jpegMarker.app13, block)];
  warnings.push('The IPTC data is too large for a JPEG and was not kept.');
  return [];
}

/** ICC.1 annex B.4: numbered chunks. */
function profileSegments(icc: Buffer | null, warnings: string[]): Buffer[] {
  if (icc === null) return [];
  const parts = chunks(icc, MAX_PAYLOAD - jpegPrefix.icc.length - 2);
  if (parts.length > MAX_PROFILE_CHUNKS) {
    warnings.push('The colour profile is too large for a JPEG and was not embedded.');
    return [];
  }
  return parts.map((part, i) =>
    segment(jpegMarker.app2, jpegPrefix.icc, Buffer.from([i + 1, parts.length]), part),
  );
}

function chunks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}
