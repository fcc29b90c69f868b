/** Puts ICCP, EXIF and XMP chunks into a WebP, turning the simple file layout into the extended one. RFC 9649. */
import { lost, unchanged } from './attach-warnings.ts';
import { fittingProfile } from './profiles.ts';
import type { AttachInput, AttachResult } from './types.ts';

const flag = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;
const replaced: ReadonlySet<string> = new Set(['VP8X', 'ICCP', 'EXIF', 'XMP ']);

type WebpChunk = { type: string; payload: Buffer; start: number; end: number };
type Canvas = { width: number; height: number; flags: number };

export function attachToWebp({ encoded, blocks, icc }: AttachInput): AttachResult {
  const chunks = readChunks(encoded);
  const canvas = chunks && readCanvas(chunks);
  if (chunks === null || canvas === null) return unchanged(encoded);
  const profile = fittingProfile(icc, false);
  const warnings: string[] = [];
  if (profile === null && icc !== null) warnings.push(lost.profile);
  if (blocks.iptc !== null) warnings.push(lost.iptc);
  const before = profile === null ? [] : chunk('ICCP', profile);
  const after = [
    ...(blocks.exif === null ? [] : chunk('EXIF', blocks.exif)),
    ...(blocks.xmp === null ? [] : chunk('XMP ', blocks.xmp)),
  ];
  const flags =
    (canvas.flags & ~(flag.icc | flag.exif | flag.xmp)) |
    (profile === null ? 0 : flag.icc) |
    (blocks.exif === null ? 0 : flag.exif) |
    (blocks.xmp === null ? 0 : flag.xmp);
  const image = chunks
    .filter(({ type }) => !replaced.has(type))
    .map(({ start, end }) => encoded.subarray(start, end));
  const body = [...chunk('VP8X', extendedHeader({ ...canvas, flags })), ...before, ...image, ...after];
  const riff = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  riff.writeUInt32LE(4 + body.reduce((sum, piece) => sum + piece.length, 0), 4);
  return { pieces: [riff, ...body], warnings };
}

function readChunks(file: Buffer): WebpChunk[] | null {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WEBP') return null;
  const chunks: WebpChunk[] = [];
  let at = 12;
  while (at + 8 <= file.length) {
    const size = file.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (end > file.length) return null;
    const payload = file.subarray(at + 8, at + 8 + size);
    chunks.push({ type: file.toString('latin1', at, at + 4), payload, start: at, end });
    at = end;
  }
  return chunks;
}

function readCanvas(chunks: readonly WebpChunk[]): Canvas | null {
  const first = chunks[0];
  const payload = first?.payload;
  if (first === undefined || payload === undefined || payload.length < 10) return null;
  if (first.type === 'VP8X') {
    return {
      width: payload.readUIntLE(4, 3) + 1,
      height: payload.readUIntLE(7, 3) + 1,
      flags: payload.readUInt8(0),
    };
  }
  if (first.type === 'VP8 ') {
    return { width: payload.readUInt16LE(6) & 0x3fff, height: payload.readUInt16LE(8) & 0x3fff, flags: 0 };
  }
  if (first.type !== 'VP8L') return null;
  const bits = payload.readUInt32LE(1);
  const hasAlpha = ((bits >>> 28) & 1) === 1;
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    flags: hasAlpha ? flag.alpha : 0,
  };
}

function extendedHeader({ width, height, flags }: Canvas): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt8(flags, 0);
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}

function chunk(type: string, payload: Buffer): Buffer[] {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32LE(payload.length, 4);
  return [head, payload, ...(payload.length % 2 === 1 ? [Buffer.alloc(1)] : [])];
}
