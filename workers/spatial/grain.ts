/** Grain: the same grey noise on red, green and blue, strongest in the middle tones, none in black and white. */
import type { GrainStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import { BLUE_SHARE, type Frame, GREEN_SHARE, RED_SHARE } from './band.ts';
import { createGrainTexture, textureSide } from './grain-texture.ts';
import { type Arena, loopsOver } from './loops.ts';
import type { Row, RowStep } from './vignette.ts';

// Which slider does what is Lightroom's; the constants are our own.
/** Spread at amount 100 in the middle tones of a full-size photo: 19 levels. */
const SPREAD = 0.075;
/** Sigma of the grain in pixels of the full-size photo, at size 0 and what 100 adds. */
const FINEST = 0.35;
const COARSER = 2;
const KEPT_TEXTURES = 2;
const textures = new Map<string, Float32Array>();

/** The same bytes for the same frame: the seed moves the texture about. */
export function createGrain({ amount, size, roughness }: GrainStep, frame: Frame, arena: Arena): RowStep {
  const sigma = FINEST + (COARSER * size) / 100;
  const side = textureSide(Math.max(frame.width, frame.height));
  const texture = textureOf({ sigma: sigma * frame.scale, roughness: roughness / 100, side });
  const spread = (amount / 100) * SPREAD * keptAt(sigma, frame.scale);
  const mask = side - 1;
  const [right, down] = [frame.seed & mask, (frame.seed >>> 10) & mask];
  const noise = arena.floats(frame.width);
  return (row, y) => {
    const start = ((y + down) & mask) * side;
    const line = texture.subarray(start, start + side);
    for (let x = 0; x < noise.length; ) {
      const from = (x + right) & mask;
      const count = Math.min(side - from, noise.length - x);
      noise.set(line.subarray(from, from + count), x);
      x += count;
    }
    addNoise(row, noise, spread);
  };
}

function addNoise({ red, green, blue }: Row, noise: Float32Array, spread: number): void {
  const loops = loopsOver(red, green, blue, noise);
  if (loops !== null) {
    const stride = green.byteOffset - red.byteOffset;
    const shares = [RED_SHARE, GREEN_SHARE, BLUE_SHARE];
    loops.addGrain(red.byteOffset, stride, noise.byteOffset, noise.length, ...shares, spread);
    return;
  }
  for (let x = 0; x < noise.length; x++) {
    const r = red[x] ?? 0;
    const g = green[x] ?? 0;
    const b = blue[x] ?? 0;
    const luma = RED_SHARE * r + GREEN_SHARE * g + BLUE_SHARE * b;
    const grain = Math.max(0, 4 * luma * (1 - luma)) * spread * (noise[x] ?? 0);
    red[x] = r + grain;
    green[x] = g + grain;
    blue[x] = b + grain;
  }
}

/**
 * What is left of the spread when the picture is made smaller: the share of a Gaussian's spectrum below the smaller picture's limit,
 * erf(pi sigma scale) / erf(pi sigma) in power each way.
 */
function keptAt(sigma: number, scale: number): number {
  return Math.min(1, erf(Math.PI * sigma * scale) / erf(Math.PI * sigma));
}

/** Abramowitz and Stegun 7.1.26, good to 1.5e-7, for x >= 0. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 1 - sum * Math.exp(-x * x);
}

/** 4 MB each at most, a thread. */
function textureOf(grain: Parameters<typeof createGrainTexture>[0]): Float32Array {
  const key = `${grain.sigma}/${grain.roughness}/${grain.side}`;
  const texture = textures.get(key) ?? createGrainTexture(grain);
  textures.delete(key);
  textures.set(key, texture);
  for (const oldest of textures.keys()) {
    if (textures.size <= KEPT_TEXTURES) break;
    textures.delete(oldest);
  }
  return texture;
}
