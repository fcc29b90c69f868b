/** The mean of every pixel's square neighbourhood in constant time a pixel, whatever the radius. Planes of floats only. */
import { loopsOver } from './loops.ts';

export type PlaneSize = { width: number; height: number };
type BoxMean = PlaneSize & {
  source: Float32Array;
  /** Another array than `source`. */
  target: Float32Array;
  /** Whole pixels; the neighbourhood has 2 * radius + 1 a side, less at the picture's edges. */
  radius: number;
};

/**
 * Running sums (F. C. Crow, "Summed-area tables for texture mapping", 1984, one row at a time): column sums move down, one window
 * over them moves right. In float64, where the sums of a picture's floats come out the same wherever they began.
 */
export function boxMean({ source, target, width, height, radius }: BoxMean): void {
  const loops = loopsOver(source, target);
  if (loops !== null) {
    loops.boxMean(source.byteOffset, target.byteOffset, width, height, radius, loops.lines);
    return;
  }
  const columns = new Float64Array(width);
  for (let y = 0; y <= Math.min(radius, height - 1); y++) addRow(columns, source, y * width);
  for (let y = 0; y < height; y++) {
    const [enters, leaves] = [y + radius, y - radius - 1];
    if (y > 0 && enters < height) addRow(columns, source, enters * width);
    if (leaves >= 0) subtractRow(columns, source, leaves * width);
    const rows = Math.min(enters, height - 1) - Math.max(leaves, -1);
    slide(columns, { target, start: y * width, radius, rows });
  }
}

function addRow(columns: Float64Array, source: Float32Array, start: number): void {
  for (let x = 0; x < columns.length; x++) columns[x] = (columns[x] ?? 0) + (source[start + x] ?? 0);
}

function subtractRow(columns: Float64Array, source: Float32Array, start: number): void {
  for (let x = 0; x < columns.length; x++) columns[x] = (columns[x] ?? 0) - (source[start + x] ?? 0);
}

type Slide = { target: Float32Array; start: number; radius: number; rows: number };

function slide(columns: Float64Array, { target, start, radius, rows }: Slide): void {
  const width = columns.length;
  const last = width - 1;
  let sum = 0;
  for (let x = 0; x < Math.min(radius, width); x++) sum += columns[x] ?? 0;
  const edge = (from: number, to: number) => {
    for (let x = from; x < to; x++) {
      if (x + radius <= last) sum += columns[x + radius] ?? 0;
      if (x - radius > 0) sum -= columns[x - radius - 1] ?? 0;
      const count = Math.min(x + radius, last) - Math.max(x - radius, 0) + 1;
      target[start + x] = sum / (rows * count);
    }
  };
  const inner = Math.min(radius + 1, width);
  const outer = Math.max(inner, width - radius);
  edge(0, inner);
  const share = 1 / (rows * (2 * radius + 1));
  for (let x = inner; x < outer; x++) {
    sum += (columns[x + radius] ?? 0) - (columns[x - radius - 1] ?? 0);
    target[start + x] = sum * share;
  }
  edge(outer, width);
}
