/** A square of film grain that can be laid edge to edge. Made once for a size and roughness, the same every time. */
import { blur, gaussianWeights } from './discrete-gaussian.ts';

/** Powers of two; a photo shows the square again after so many pixels, which nobody sees in noise. */
const SIDE = 1024;
const SMALL_SIDE = 512;
/** Pictures up to this edge, which people wait for, take the small square: a quarter of the work. */
const SMALL_PICTURE = 1024;

/** Edge of the square in pixels for a picture whose longest edge is `longest`. */
export function textureSide(longest: number): number {
  return longest <= SMALL_PICTURE ? SMALL_SIDE : SIDE;
}

/** How far the coarser clumps are wider than the fine grain. */
const CLUMP = 2;
/** Weight of the clumps beside the grain at full roughness. */
const CLUMP_WEIGHT = 0.7;

type Grain = {
  /** Sigma of the grain in pixels. */
  sigma: number;
  /** 0..1. */
  roughness: number;
  /** Of the square, in pixels. */
  side: number;
};

/**
 * Mean 0 and spread 1: white noise from a hash, blurred (A. Norkin, N. Birkbeck, "Film grain synthesis for AV1 video codec", 2018,
 * also lays a texture of filtered noise; this one is filtered by a Gaussian). Rough grain is a sum with a wider blur of it.
 */
export function createGrainTexture({ sigma, roughness, side }: Grain): Float32Array {
  const size = { width: side, height: side, wrap: true };
  const noise = whiteNoise(side * side);
  const fine = new Float32Array(noise.length);
  blur({ source: noise, target: fine, weights: gaussianWeights(sigma), ...size });
  normalise(fine);
  if (roughness > 0) {
    const clumps = noise;
    const weight = roughness * CLUMP_WEIGHT;
    blur({ source: fine, target: clumps, weights: gaussianWeights(sigma * CLUMP), ...size });
    normalise(clumps);
    for (let i = 0; i < fine.length; i++) fine[i] = (fine[i] ?? 0) + weight * (clumps[i] ?? 0);
    normalise(fine);
  }
  return fine;
}

/** Nearly Gaussian: the sum of four bytes of a hash (the finaliser of MurmurHash3, A. Appleby, public domain) of the place. */
function whiteNoise(count: number): Float32Array {
  const noise = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let hash = Math.imul(i + 1, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
    noise[i] = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24) - 510;
  }
  return noise;
}

function normalise(values: Float32Array): void {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += ((values[i] ?? 0) - mean) ** 2;
  const unit = 1 / Math.sqrt(squares / values.length);
  for (let i = 0; i < values.length; i++) values[i] = ((values[i] ?? 0) - mean) * unit;
}
