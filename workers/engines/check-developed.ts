/** Is what a raw engine made a photo of this file? Some end well with a black or white picture, or a thumbnail. */
import { type Header, readHeader } from '../pipeline/header.ts';
import { sharp } from '../pipeline/sharp-setup.ts';
import type { Size } from '../pipeline/target-size.ts';

/** Engines crop differently, and old sensors have pixels that are not square. */
const LEAST_AREA = 0.55;
const MOST_AREA = 2.2;
const SHAPE = 1.15;
const SAMPLES = 256;

export type Checked = { ok: true; header: Header } | { ok: false; said: string };

/** `said` ends "It …". Throws TaskFailure when the picture cannot be read. */
export async function checkDeveloped(
  file: Buffer,
  expected: Size | null,
  limits: { max_pixels: number },
): Promise<Checked> {
  const header = await readHeader(file, limits);
  const { width, height } = header;
  if (expected !== null) {
    const share = (width * height) / (expected.width * expected.height);
    const shape = (width * expected.height) / (height * expected.width);
    if (share < LEAST_AREA || share > MOST_AREA || shape > SHAPE || shape < 1 / SHAPE) {
      return { ok: false, said: `came out as ${width} x ${height} pixels` };
    }
  }
  return (await isUniform(file)) ? { ok: false, said: 'came out as one plain colour' } : { ok: true, header };
}

/** No two samples differ by more than one level of 255. */
async function isUniform(file: Buffer): Promise<boolean> {
  const { channels } = await sharp(
    await sharp(file, { limitInputPixels: false, ignoreIcc: true })
      .resize(SAMPLES, SAMPLES, { fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: false })
      .toColourspace('srgb')
      .png({ compressionLevel: 0 })
      .toBuffer(),
  ).stats();
  return channels.slice(0, 3).every(({ min, max }) => max - min <= 1);
}
