/** Gaussian blur with the exact variance at any width, also far below a pixel. Planes of floats only. */
import type { PlaneSize } from './box-mean.ts';
import { loopsOver, placeWeights } from './loops.ts';

/** Weights left out at the ends: they would change no 16-bit value. */
const SMALLEST = 1e-4;

/**
 * The discrete Gaussian T(n, t) = e^-t I_n(t), t = sigma^2 (T. Lindeberg, "Scale-space for discrete signals", IEEE TPAMI 1990): a
 * sampled Gaussian is too narrow below one pixel, this one never, so that a smaller picture takes a smaller sigma.
 * Answers the weights from the middle outwards, both sides together with the middle adding up to 1.
 */
export function gaussianWeights(sigma: number): Float64Array {
  const t = sigma * sigma;
  const weights: number[] = [];
  for (let n = 0; n === 0 || (weights[n - 1] ?? 0) > SMALLEST; n++)
    weights.push(Math.exp(-t) * besselI(n, t));
  const sum = weights.reduce((total, weight, n) => total + (n === 0 ? weight : 2 * weight), 0);
  return Float64Array.from(weights, (weight) => weight / sum);
}

/** Modified Bessel function of the first kind, by its power series (Abramowitz and Stegun 9.6.10). */
function besselI(order: number, t: number): number {
  let term = 1;
  for (let k = 1; k <= order; k++) term *= t / 2 / k;
  let sum = term;
  for (let k = 1; k < 400 && term > sum * 1e-17; k++) {
    term *= (t * t) / 4 / (k * (k + order));
    sum += term;
  }
  return sum;
}

type Blur = PlaneSize & {
  source: Float32Array;
  target: Float32Array;
  weights: Float64Array;
  wrap?: boolean;
};

/** Separable. `target` may not be `source`. Beyond the edges the edge pixel goes on, or with `wrap` the other side. */
export function blur({ source, target, width, height, weights, wrap = false }: Blur): void {
  const reach = weights.length - 1;
  const loops = wrap ? null : loopsOver(source, target);
  const placed = loops === null ? null : placeWeights(loops, weights);
  if (loops !== null && placed !== null) {
    loops.blur(source.byteOffset, target.byteOffset, width, height, placed, reach, loops.lines);
    return;
  }
  const line = new Float64Array(width + 2 * reach);
  const place = (at: number, count: number) =>
    wrap ? ((at % count) + count) % count : Math.min(Math.max(at, 0), count - 1);
  const starts = new Int32Array(2 * reach + 1);
  for (let y = 0; y < height; y++) {
    for (let n = -reach; n <= reach; n++) starts[n + reach] = place(y + n, height) * width;
    blendRows(source, line.subarray(reach, reach + width), starts, weights);
    for (let n = 1; n <= reach; n++) {
      line[reach - n] = line[reach + place(-n, width)] ?? 0;
      line[reach + width - 1 + n] = line[reach + place(width - 1 + n, width)] ?? 0;
    }
    blendAlong(line, target.subarray(y * width, (y + 1) * width), weights);
  }
}

function blendRows(
  source: Float32Array,
  line: Float64Array,
  starts: Int32Array,
  weights: Float64Array,
): void {
  const reach = weights.length - 1;
  const centre = starts[reach] ?? 0;
  const middle = weights[0] ?? 1;
  for (let x = 0; x < line.length; x++) line[x] = middle * (source[centre + x] ?? 0);
  for (let n = 1; n <= reach; n++) {
    const [above, below, weight] = [starts[reach - n] ?? 0, starts[reach + n] ?? 0, weights[n] ?? 0];
    for (let x = 0; x < line.length; x++) {
      line[x] = (line[x] ?? 0) + weight * ((source[above + x] ?? 0) + (source[below + x] ?? 0));
    }
  }
}

function blendAlong(line: Float64Array, target: Float32Array, weights: Float64Array): void {
  const reach = weights.length - 1;
  for (let x = 0; x < target.length; x++) {
    const at = x + reach;
    let sum = (weights[0] ?? 1) * (line[at] ?? 0);
    for (let n = 1; n <= reach; n++) sum += (weights[n] ?? 0) * ((line[at - n] ?? 0) + (line[at + n] ?? 0));
    target[x] = sum;
  }
}
