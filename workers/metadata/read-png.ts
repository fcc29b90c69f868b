/**
 * Metadata that a PNG holds as text: ImageMagick's "raw profiles", the only place for IPTC and, before the `eXIf` chunk
 * came, for EXIF. Decoders do not hand these on. PNG (third edition), 11.3.3.
 */
import { inflateSync } from 'node:zlib';

export type PngProfiles = { exif: Buffer | null; iptc: Buffer | null };

const KEYWORD = 'Raw profile type ';
const MAX_PROFILE = 16 * 1024 * 1024;
const MAX_CHUNKS = 20_000;
const uses: Readonly<Record<string, keyof PngProfiles>> = {
  iptc: 'iptc',
  '8bim': 'iptc',
  exif: 'exif',
  APP1: 'exif',
};

/** The first of each kind, as it lies in the profile. Null when the bytes are no PNG. */
export function readPngProfiles(file: Buffer): PngProfiles | null {
  if (file.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return null;
  const found: PngProfiles = { exif: null, iptc: null };
  let at = 8;
  for (let i = 0; i < MAX_CHUNKS && at + 12 <= file.length; i++) {
    const size = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if ((type === 'zTXt' || type === 'tEXt') && at + 12 + size <= file.length) {
      take(found, type, file.subarray(at + 8, at + 8 + size));
    }
    at += 12 + size;
  }
  return found;
}

function take(found: PngProfiles, type: 'zTXt' | 'tEXt', body: Buffer): void {
  const end = body.indexOf(0);
  const keyword = body.toString('latin1', 0, Math.min(Math.max(end, 0), 79));
  const use = keyword.startsWith(KEYWORD) ? uses[keyword.slice(KEYWORD.length)] : undefined;
  if (use === undefined || found[use] !== null) return;
  const text = type === 'tEXt' ? body.subarray(end + 1) : inflate(body.subarray(end + 2));
  found[use] = text && fromHex(text.toString('latin1'));
}

function inflate(bytes: Buffer): Buffer | null {
  try {
    return inflateSync(bytes, { maxOutputLength: 2 * MAX_PROFILE + MAX_PROFILE / 16 });
  } catch {
    return null;
  }
}

/** A line with the name, one with the count of bytes, then lines of hexadecimal digits. */
function fromHex(text: string): Buffer | null {
  const head = /^\n[\w ]{1,40}\n\s{0,20}(\d{1,9})\n/.exec(text);
  if (head === null) return null;
  const bytes = Buffer.from(text.slice(head[0].length).replace(/\s/g, ''), 'hex');
  return bytes.length === Number(head[1]) && bytes.length > 0 ? bytes : null;
}
