/** Puts EXIF, XMP, IPTC and ICC chunks into a PNG, between its header and its pixel data. PNG (third edition), section 11. */
import { crc32, deflateSync } from 'node:zlib';
import { lost, unchanged } from './attach-warnings.ts';
import { toPhotoshopResource } from './iptc.ts';
import { fittingProfile } from './profiles.ts';
import type { AttachInput, AttachResult } from './types.ts';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const replaced: ReadonlySet<string> = new Set([
  'iCCP',
  'sRGB',
  'gAMA',
  'cHRM',
  'cICP',
  'eXIf',
  'iTXt',
  'zTXt',
  'tEXt',
]);

type PngChunk = { type: string; start: number; end: number };

export function attachToPng({ encoded, blocks, icc }: AttachInput): AttachResult {
  const head = readHead(encoded);
  const header = head?.chunks[0];
  if (head === null || header?.type !== 'IHDR' || header.end - header.start < 25) return unchanged(encoded);
  const colourType = encoded[header.start + 17] ?? 0;
  const profile = fittingProfile(icc, (colourType & 2) === 0);
  const added: Buffer[] = [];
  if (profile !== null) added.push(chunk('iCCP', Buffer.from('icc\0\0', 'latin1'), deflateSync(profile)));
  if (blocks.exif !== null) added.push(chunk('eXIf', blocks.exif));
  if (blocks.xmp !== null) {
    added.push(chunk('iTXt', Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), blocks.xmp));
  }
  if (blocks.iptc !== null) added.push(rawProfile('iptc', toPhotoshopResource(blocks.iptc)));
  const kept = head.chunks.slice(1).filter(({ type }) => !replaced.has(type));
  return {
    pieces: [
      encoded.subarray(0, header.end),
      ...added,
      ...kept.map(({ start, end }) => encoded.subarray(start, end)),
      encoded.subarray(head.end),
    ],
    warnings: profile === null && icc !== null ? [lost.profile] : [],
  };
}

/** The chunks before the pixel data. */
function readHead(file: Buffer): { chunks: PngChunk[]; end: number } | null {
  if (!file.subarray(0, 8).equals(signature)) return null;
  const chunks: PngChunk[] = [];
  let at = 8;
  while (at + 12 <= file.length) {
    const end = at + 12 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') return { chunks, end: at };
    if (end > file.length) return null;
    chunks.push({ type, start: at, end });
    at = end;
  }
  return null;
}

function chunk(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length - 4);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** The de facto place for IPTC in a PNG: ImageMagick's hexadecimal text chunk, read by ExifTool, Exiv2 and others. */
function rawProfile(name: string, data: Buffer): Buffer {
  const hex = data.toString('hex').replace(/.{72}/g, '$&\n');
  const text = `\n${name}\n${String(data.length).padStart(8)}\n${hex}\n`;
  return chunk(
    'zTXt',
    Buffer.from(`Raw profile type ${name}\0\0`, 'latin1'),
    deflateSync(Buffer.from(text, 'latin1')),
  );
}
