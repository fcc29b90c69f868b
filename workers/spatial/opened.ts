/** The morphological opening of a plane: what is brighter than its surroundings and smaller than a square goes, all else stays in its place. */
import type { PlaneSize } from './box-mean.ts';

type Square = PlaneSize & { source: Float32Array; radius: number };

/** The least value of the square of `radius` around each pixel, then the greatest of those (J. Serra, "Image Analysis and Mathematical Morphology", 1982). */
export function opened({ source, ...size }: Square): Float32Array {
  const least = leastAround({ source, ...size });
  negate(least);
  const result = leastAround({ source: least, ...size });
  negate(result);
  return result;
}

function negate(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = -(values[i] ?? 0);
}

/** Spans that double: 2 radius + 1 pixels cost about log2(radius) + 2 comparisons each way. */
function leastAround({ source, width, height, radius }: Square): Float32Array {
  const reach = 2 * radius + 1;
  const line = new Float32Array(width + 2 * radius);
  const rows = new Float32Array((height + 2 * radius) * width).fill(Infinity);
  for (let y = 0; y < height; y++) {
    line.fill(Infinity);
    line.set(source.subarray(y * width, (y + 1) * width), radius);
    const rest = reach - widen(line, reach, 1);
    const to = (y + radius) * width;
    for (let x = 0; x < width; x++) rows[to + x] = Math.min(line[x] ?? 0, line[x + rest] ?? 0);
  }
  const rest = (reach - widen(rows, reach, width)) * width;
  const plane = new Float32Array(width * height);
  for (let i = 0; i < plane.length; i++) plane[i] = Math.min(rows[i] ?? 0, rows[i + rest] ?? 0);
  return plane;
}

/** Each value becomes the least of the span that begins with it and goes on every `stride`. Answers the span, the largest power of two within `reach`. */
function widen(values: Float32Array, reach: number, stride: number): number {
  let span = 1;
  while (span * 2 <= reach) {
    const step = span * stride;
    for (let i = 0; i + step < values.length; i++) {
      values[i] = Math.min(values[i] ?? 0, values[i + step] ?? 0);
    }
    span *= 2;
  }
  return span;
}
