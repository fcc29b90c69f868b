/** Script: encodes and decodes one tiny picture with the installed sharp and prints `{sharp, libvips, formats}` as JSON. */
import { sharp } from '../pipeline/sharp-setup.ts';
import { versions } from '../pipeline/versions.ts';

const WIDTH = 16;
const HEIGHT = 8;

const formats: Record<string, string> = {};
for (const format of ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const) {
  formats[format] = await proveFormat(format).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
}
process.stdout.write(`${JSON.stringify({ ...versions, formats })}\n`);

/** `ok`, or what was wrong with the picture that came back. */
async function proveFormat(format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif'): Promise<string> {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3, 128);
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 as const };
  const encoded = await sharp(pixels, { raw }).toFormat(format, { quality: 90 }).toBuffer();
  const { data, info } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true });
  if (info.width !== WIDTH || info.height !== HEIGHT)
    return `${info.width} x ${info.height} pixels came back`;
  return Math.abs((data[0] ?? 0) - 128) <= 8 ? 'ok' : 'other colours came back';
}
