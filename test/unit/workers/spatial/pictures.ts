/** Pictures and measures for the tests of spatial steps. */
import type { NativePreset } from '../../../../bridge/contract/index.ts';
import { toSpatialSteps } from '../../../../bridge/presets/spatial/spatial-steps.ts';
import type { Pixels } from '../../../../workers/pipeline/pixels.ts';
import { applySteps, type SpatialJob } from '../../../../workers/spatial/apply-steps.ts';

export type Shade = (x: number, y: number) => readonly [number, number, number] | number;
export type PaintOptions = { width?: number; height?: number; depth?: 8 | 16; channels?: 3 | 4 };

/** `shade` gives encoded values 0..1, one for grey. Alpha runs through all values. */
export function paint(shade: Shade, options: PaintOptions = {}): Pixels {
  const { width = 96, height = 64, depth = 8, channels = 3 } = options;
  const top = depth === 16 ? 65535 : 255;
  const count = width * height * channels;
  const data = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  for (let at = 0, pixel = 0; pixel < width * height; pixel++) {
    const value = shade(pixel % width, Math.floor(pixel / width));
    for (const channel of typeof value === 'number' ? [value, value, value] : value) {
      data[at++] = Math.round(Math.min(1, Math.max(0, channel)) * top);
    }
    if (channels === 4) data[at++] = (pixel * 7) % (top + 1);
  }
  return { data, width, height, channels };
}

/** Deterministic noise of -1..1 by place. */
export function noiseAt(x: number, y: number, seed = 1): number {
  let hash = Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca6b) ^ Math.imul(seed, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2147483648 - 1;
}

/** Soft shapes, an edge with a purple seam, fine structure and noise, in colour. */
export const scene = (x: number, y: number): [number, number, number] => {
  const base = 0.35 + 0.2 * Math.sin(x / 17) * Math.cos(y / 11) + (x > y + 20 ? 0.25 : 0);
  if (x === y + 21) return [base + 0.1, base - 0.15, base + 0.2];
  const fine = 0.03 * Math.sin(x * 1.3) + 0.02 * noiseAt(x, y);
  return [base + fine + 0.1, base + fine, base + fine - 0.08 + 0.03 * noiseAt(x, y, 2)];
};

type Options = Partial<Pick<SpatialJob, 'blend' | 'scale' | 'seed' | 'bandRows' | 'isPlain' | 'colour'>>;

/** A developed copy. */
export function develop(picture: Pixels, preset: NativePreset, options: Options = {}): Pixels {
  const pixels = { ...picture, data: picture.data.slice() };
  const job = {
    pixels,
    steps: toSpatialSteps(preset),
    colour: () => undefined,
    blend: 100,
    scale: 1,
    seed: 7,
  };
  applySteps({ ...job, ...options });
  return pixels;
}

export function greatestDifference(left: Pixels, right: Pixels): number {
  let greatest = 0;
  for (const [at, value] of left.data.entries())
    greatest = Math.max(greatest, Math.abs(value - right.data[at]!));
  return greatest;
}

/** Sum of `toTerm` over all values. */
function total({ data }: Pixels, toTerm: (value: number, at: number) => number): number {
  let sum = 0;
  for (const [at, value] of data.entries()) sum += toTerm(value, at);
  return sum;
}

export function meanOf(pixels: Pixels): number {
  return total(pixels, (value) => value) / pixels.data.length;
}

export function spreadOf(pixels: Pixels): number {
  const mean = meanOf(pixels);
  return Math.sqrt(total(pixels, (value) => (value - mean) ** 2) / pixels.data.length);
}

/** Of the whole picture, 8-bit levels. */
export function psnr(left: Pixels, right: Pixels): number {
  const squares = total(left, (value, at) => (value - right.data[at]!) ** 2);
  return 10 * Math.log10((255 * 255) / (squares / left.data.length));
}
