/** Whether two programs have done the same work: their pictures, compared value by value. */
import { existsSync, readFileSync } from 'node:fs';
import sharp from 'sharp';

/** Levels of 255. `block`: the largest difference of the means of 16 x 16 pixels. */
export type Agreement = { psnr: number; mean: number; worst: number; block: number };
export type Raw = { data: Uint8Array; width: number; height: number };

export type AgreementLimits = { psnr: number; mean: number };

/** Rounding, and how a decoder fills in the chroma that the source does not hold. */
export const sameWork: AgreementLimits = { psnr: 45, mean: 1 };
/** Also the filter of the resize, of which each program has its own; darktable's mixes linear light and rounds the short edge up. */
export const sameResizedWork: AgreementLimits = { psnr: 36, mean: 2 };

const BLOCK = 16;

/** Encoded values as they stand in the file, whatever its profile. Throws when there is no such picture. */
export async function readRaw(path: string): Promise<Raw> {
  if (!existsSync(path)) throw new Error(`no picture was written: ${path}`);
  const chain = sharp(readFileSync(path), { ignoreIcc: true }).removeAlpha();
  const { data, info } = await chain.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Throws when their sizes differ by more than a pixel. */
export function compareRaw(a: Raw, b: Raw): Agreement {
  // Programs round the shorter edge of a resized photo up or down.
  if (Math.abs(a.width - b.width) > 1 || Math.abs(a.height - b.height) > 1)
    throw new Error(`${b.width} x ${b.height} pixels, not ${a.width} x ${a.height}`);
  const [width, height] = [Math.min(a.width, b.width), Math.min(a.height, b.height)];
  const across = Math.ceil(width / BLOCK);
  const sums = new Float64Array(across * Math.ceil(height / BLOCK) * 3);
  let [squares, total, worst] = [0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const block = 3 * (across * Math.floor(y / BLOCK) + Math.floor(x / BLOCK));
      for (let channel = 0; channel < 3; channel += 1) {
        const difference =
          (a.data[3 * (y * a.width + x) + channel] ?? 0) - (b.data[3 * (y * b.width + x) + channel] ?? 0);
        const size = Math.abs(difference);
        squares += size * size;
        total += size;
        if (size > worst) worst = size;
        sums[block + channel] = (sums[block + channel] ?? 0) + difference;
      }
    }
  }
  const count = 3 * width * height;
  const block = sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0) / BLOCK ** 2;
  return {
    psnr: 10 * Math.log10((255 ** 2 * count) / Math.max(squares, 1)),
    mean: total / count,
    worst,
    block,
  };
}

/** Null when they agree, else what is wrong. */
export function problemOf({ psnr, mean }: Agreement, limits: AgreementLimits): string | null {
  if (psnr < limits.psnr) return `${psnr.toFixed(1)} dB, at least ${limits.psnr} are the same work`;
  if (mean > limits.mean)
    return `mean difference ${mean.toFixed(2)}, at most ${limits.mean} is the same work`;
  return null;
}
