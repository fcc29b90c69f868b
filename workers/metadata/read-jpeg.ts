/** Metadata of a JPEG from its own segments: decoders hand on only the first of each kind, and none of an HDR JPEG's. */

import { findGainMap } from './gain-map.ts';
import { toIim } from './iptc.ts';
import { bodiesOf, jpegMarker, jpegPrefix, readJpegHead } from './jpeg-segments.ts';
import { leftBehind, leftBehindByJpeg } from './left-behind.ts';
import { readPictureIndex } from './multi-picture.ts';
import type { MetadataBlocks, SourceMetadata } from './types.ts';
import { extensionGuid, mergeExtension } from './xmp-edit.ts';

export type JpegMetadata = MetadataBlocks & Pick<SourceMetadata, 'gainMap' | 'warnings'>;

const MAX_EXTENSION = 16 * 1024 * 1024;

/** Null when the bytes are no JPEG. */
export function readJpegMetadata(file: Buffer): JpegMetadata | null {
  const head = readJpegHead(file);
  if (head === null) return null;
  const bodies = (marker: number, prefix: Buffer): Buffer[] => bodiesOf(head, marker, prefix);
  const warnings: string[] = [];
  const packet = bodies(jpegMarker.app1, jpegPrefix.xmp)[0] ?? null;
  const xmp = packet && withExtension(packet, bodies(jpegMarker.app1, jpegPrefix.xmpExtension), warnings);
  const photoshop = bodies(jpegMarker.app13, jpegPrefix.photoshop);
  const index = readPictureIndex(file, head);
  const { map, isDamaged } = findGainMap(file, head, { index, xmp });
  // A map that is cut off is an entry that leads nowhere: it is told of once.
  const rest = leftBehindByJpeg(file, head, index).filter(
    (it) => !isDamaged || it !== leftBehind.brokenIndex,
  );
  warnings.push(...rest);
  return {
    exif: bodies(jpegMarker.app1, jpegPrefix.exif)[0] ?? null,
    xmp,
    iptc: toIim(photoshop.length === 1 ? (photoshop[0] ?? Buffer.alloc(0)) : Buffer.concat(photoshop)),
    gainMap: isDamaged ? 'damaged' : map,
    warnings,
  };
}

/** Puts an extended packet together (XMP specification part 3, 1.1.3.1: GUID, full length, offset, then the bytes). */
function withExtension(packet: Buffer, parts: readonly Buffer[], warnings: string[]): Buffer {
  const guid = extensionGuid(packet);
  if (guid === null) return packet;
  const own = parts.filter((part) => part.length > 40 && part.toString('latin1', 0, 32) === guid);
  const total = own[0]?.readUInt32BE(32) ?? 0;
  const received = own.reduce((sum, part) => sum + part.length - 40, 0);
  const merged = total > 0 && total <= MAX_EXTENSION && received === total ? join(own, total) : null;
  const whole = merged && mergeExtension(packet, merged);
  if (whole === null) warnings.push('The extended part of the XMP data is damaged and was not kept.');
  return whole ?? packet;
}

function join(parts: readonly Buffer[], total: number): Buffer | null {
  const joined = Buffer.alloc(total);
  for (const part of parts) {
    const at = part.readUInt32BE(36);
    if (at + part.length - 40 > total) return null;
    part.copy(joined, at, 40);
  }
  return joined;
}
