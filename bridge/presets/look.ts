/** A Look: the compiled form of a recipe. Types only; `compile-look.ts` makes them, `workers/kernel/` and `workers/spatial/` run them. */
import type { SpatialStep } from './spatial/spatial-steps.ts';

/**
 * Entries of one channel's curve: input `i / (CURVE_ENTRIES - 1)`, encoded sRGB. Sixteen steps to a level of 255, so that 8-bit values
 * meet entries and a curve as steep as a threshold is exact for them.
 */
export const CURVE_ENTRIES = 255 * 16 + 1;

export type Look = {
  /** Hex SHA-256 of the recipe it was compiled from. */
  hash: string;
  /**
   * Per-channel curves in front of the LUT, `3 * CURVE_ENTRIES` floats (all of red, then green, then blue), 0..1 to
   * 0..1; null when they are the identity. Between entries: linear.
   */
  curves: Float32Array | null;
  /** Nodes per axis. */
  size: number;
  /**
   * `size^3 * 3` floats, red index fastest, then green, then blue (`.cube` order), each node r, g, b in encoded sRGB.
   * Nodes may lie outside 0..1; the result is clipped after interpolation (tetrahedral).
   */
  lut: Float32Array;
  /** What runs after the colours, in this order; absent when nothing does. Blend mixes after all of them. */
  steps?: readonly SpatialStep[];
};
