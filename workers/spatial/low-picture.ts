/**
 * The whole picture small, for what must see all of it or far around each pixel: every cell of pixels averaged. Wide filters cost
 * next to nothing there (K. He, J. Sun, "Fast guided filter", 2015).
 */
import type { Pixels } from '../pipeline/pixels.ts';
import { BLUE_SHARE, RED_SHARE } from './band.ts';
import type { PlaneSize } from './box-mean.ts';

/** Longest edge, about: the same share of the picture is the same radius here at every output size. */
const LONG_EDGE = 768;

export type LowPicture = PlaneSize & {
  /** Pixels of the picture, each way, to one of these. */
  cell: number;
  /** Encoded, 0..1. A step that changes the picture ahead of others changes it here, too. */
  luma: Float32Array;
  /** The smallest of red, green and blue. */
  darkest: Float32Array;
  /** Filters over it run without WebAssembly. */
  isPlain?: boolean;
};

/** `colour` develops encoded pixels in place: a strip of copies, never the picture itself. */
export function createLowPicture(
  { data, width, height, channels }: Pixels,
  colour: (bytes: Pixels['data']) => void,
): LowPicture {
  const cell = Math.max(1, Math.round(Math.max(width, height) / LONG_EDGE));
  const low = { cell, width: Math.ceil(width / cell), height: Math.ceil(height / cell) };
  const luma = new Float32Array(low.width * low.height);
  const darkest = new Float32Array(low.width * low.height);
  const sums = new Float64Array(low.width * 3);
  // Every other row and pixel of a cell is enough: noise averages out all the same.
  const stride = cell >= 4 ? 2 : 1;
  const line = width * channels;
  const bytes = data instanceof Uint16Array ? new Uint16Array(line) : new Uint8Array(line);
  for (let y = 0; y < low.height; y++) {
    sums.fill(0);
    const bottom = Math.min((y + 1) * cell, height);
    let rows = 0;
    for (let from = y * cell; from < bottom; from += stride, rows++) {
      // A Buffer's slice would be the picture itself.
      bytes.set(data.subarray(from * line, (from + 1) * line));
      colour(bytes);
      addCells(sums, bytes, { cell, stride, channels });
    }
    const unit = 1 / (rows * (data instanceof Uint16Array ? 65535 : 255));
    for (let x = 0; x < low.width; x++) {
      const count = Math.ceil((Math.min((x + 1) * cell, width) - x * cell) / stride);
      const green = sums[3 * x + 1] ?? 0;
      const red = (sums[3 * x] ?? 0) - green;
      const blue = (sums[3 * x + 2] ?? 0) - green;
      luma[y * low.width + x] = ((green + RED_SHARE * red + BLUE_SHARE * blue) * unit) / count;
      darkest[y * low.width + x] = ((green + Math.min(red, blue, 0)) * unit) / count;
    }
  }
  return { ...low, luma, darkest };
}

type Cells = { cell: number; stride: number; channels: 3 | 4 };

function addCells(sums: Float64Array, bytes: Pixels['data'], { cell, stride, channels }: Cells): void {
  const step = stride * channels;
  const length = cell * channels;
  for (let from = 0, to = 0; from < bytes.length; from += length, to += 3) {
    const end = Math.min(from + length, bytes.length);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let at = from; at < end; at += step) {
      red += bytes[at] ?? 0;
      green += bytes[at + 1] ?? 0;
      blue += bytes[at + 2] ?? 0;
    }
    sums[to] = (sums[to] ?? 0) + red;
    sums[to + 1] = (sums[to + 1] ?? 0) + green;
    sums[to + 2] = (sums[to + 2] ?? 0) + blue;
  }
}
