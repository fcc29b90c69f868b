/** Colour noise reduction: smooths colour along the edges of the luma, which stays as it is. */
import type { ColourNoiseStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import { createAffineReader } from './affine-map.ts';
import { BAND_ALIGNMENT, type BandStep, type Frame } from './band.ts';
import { guideByOther } from './guided-filter.ts';

// Colour guided by luma (K. He, J. Sun, X. Tang, 2013, "joint" filtering), on averaged cells of pixels (2015): the eye sees colour
// coarsely, and colour noise is coarse. What the sliders mean is our own.
/** Radius in pixels of the full-size photo, at 0 and what 100 adds, both at smoothness 50. */
const RADIUS = 6;
const MORE_RADIUS = 14;
/** Variance of the luma that counts as an edge. */
const EDGE_VARIANCE = 0.002;
/** Colour that differs this much from its surroundings is meant, at 0 and what 100 adds, both at detail 50. */
const MEANT = 0.04;
const MORE_MEANT = 0.1;

export function createColourNoise(step: ColourNoiseStep, frame: Frame): BandStep {
  const amount = step.amount / 100;
  const wished = (RADIUS + MORE_RADIUS * amount) * (0.5 + step.smoothness / 100) * frame.scale;
  const cell = wished >= 2 * BAND_ALIGNMENT ? BAND_ALIGNMENT : wished >= 4 ? 2 : 1;
  const radius = Math.max(1, Math.round(wished / cell));
  const meant = ((MEANT + MORE_MEANT * amount) * (1.5 - step.detail / 100)) ** 2;
  const strength = Math.min(1, wished) * (1 - (1 - amount) ** 6);
  return {
    halo: (2 * radius + 2) * cell,
    needs: 'colour',
    run({ luma, colour, width, height }, { scratch }) {
      if (colour === null) return;
      const small = { width: Math.ceil(width / cell), height: Math.ceil(height / cell) };
      const guide = scratch(5);
      const target = { a: scratch(6), b: scratch(7) };
      const source = scratch(8);
      average({ plane: luma, width, height }, cell, guide);
      for (const plane of [colour.red, colour.blue]) {
        average({ plane, width, height }, cell, source);
        guideByOther({ source, guide, target, radius, epsilon: EDGE_VARIANCE, scratch, ...small });
        const rowAt = createAffineReader({ ...target, ...small, cell }, width);
        for (let y = 0; y < height; y++) {
          const { a, b } = rowAt(y);
          const start = y * width;
          for (let x = 0; x < width; x++) {
            const value = plane[start + x] ?? 0;
            const difference = value - ((a[x] ?? 0) * (luma[start + x] ?? 0) + (b[x] ?? 0));
            const square = difference * difference;
            plane[start + x] = value - (strength * difference * meant) / (square + meant);
          }
        }
      }
    },
  };
}

type Plane = { plane: Float32Array; width: number; height: number };

function average({ plane, width, height }: Plane, cell: number, small: Float32Array): void {
  const across = Math.ceil(width / cell);
  const down = Math.ceil(height / cell);
  for (let y = 0; y < down; y++) {
    const bottom = Math.min((y + 1) * cell, height);
    for (let x = 0; x < across; x++) {
      const right = Math.min((x + 1) * cell, width);
      let sum = 0;
      for (let row = y * cell; row < bottom; row++) {
        for (let at = x * cell; at < right; at++) sum += plane[row * width + at] ?? 0;
      }
      small[y * across + x] = sum / ((bottom - y * cell) * (right - x * cell));
    }
  }
}
