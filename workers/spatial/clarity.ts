/** Clarity: local contrast over a wide radius, in the middle tones, without halos. */
import type { ClarityStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import { type AffineReader, type AffineRow, createAffineReader } from './affine-map.ts';
import type { BandStep, Frame } from './band.ts';
import { type Coefficients, createScratch, guideItself } from './guided-filter.ts';
import { loopsOver, openArena, plainArena } from './loops.ts';
import type { LowPicture } from './low-picture.ts';

// Our own constants, chosen by eye. Adobe never published its own beyond "adds depth by increasing local contrast, with greatest
// effect on the midtones".
/** Radius as a share of the longest edge. */
const RADIUS = 0.01;
/** Local variance that counts as an edge: a spread of 0.12, 31 levels. */
const EDGE_VARIANCE = 0.015;
/** Detail this small, 1.5 levels, is taken for noise and raised by half only: skies stay smooth. */
const NOISE = 0.006;
/** What detail is held below, however large: 0..1. */
const REACH = 0.15;
const RAISE = 1;
const LOWER = 0.7;

/**
 * detail = Y - guided(Y) (He et al. 2013, "detail enhancement"), less of it where it is noise, d^2 / (d^2 + NOISE^2), made softer as it
 * grows, d / (1 + |d| / REACH), and weighted by 4 q (1 - q) of the smoothed picture q. No pixel moves by more than REACH * |amount| / 100.
 */
export function createClarity({ amount }: ClarityStep, low: LowPicture, frame: Frame): BandStep {
  const { width, height, cell } = low;
  const radius = Math.max(1, Math.round((RADIUS * Math.max(frame.width, frame.height)) / cell));
  const { a, b } = guideLow(low, radius);
  const strength = (amount / 100) * (amount > 0 ? RAISE : LOWER);
  // To smooth noise is as welcome as to smooth detail.
  const noise = (amount > 0 ? NOISE * NOISE : 0) + 1e-12;
  let rowAt: AffineReader | undefined;
  return {
    halo: 0,
    needs: 'luma',
    run({ luma, width: count, height: rows, top }, { arena }) {
      rowAt ??= createAffineReader({ a, b, width, height, cell }, count, arena);
      for (let y = 0; y < rows; y++) {
        raiseRow({ luma, start: y * count, row: rowAt(top + y), strength, noise });
      }
    },
  };
}

/** In the memory of the loops, which the bands will need: what comes out is copied. */
function guideLow({ luma, width, height, isPlain }: LowPicture, radius: number): Coefficients {
  const count = width * height;
  const arena = isPlain ? plainArena : openArena({ width, bytes: 5 * 4 * count, planes: 5 });
  const source = arena.floats(count);
  source.set(luma);
  const scratch = createScratch(count, arena);
  const { a, b } = guideItself({ source, width, height, radius, epsilon: EDGE_VARIANCE, scratch });
  return { a: a.slice(), b: b.slice() };
}

type RowJob = { luma: Float32Array; start: number; row: AffineRow; strength: number; noise: number };

function raiseRow({ luma, start, row: { a, b }, strength, noise }: RowJob): void {
  const softness = 1 / REACH;
  const loops = loopsOver(luma, a, b);
  if (loops !== null) {
    const from = luma.byteOffset + 4 * start;
    loops.clarity(from, a.byteOffset, b.byteOffset, a.length, strength, noise, softness);
    return;
  }
  for (let x = 0; x < a.length; x++) {
    const value = luma[start + x] ?? 0;
    const base = (a[x] ?? 0) * value + (b[x] ?? 0);
    const detail = value - base;
    const weight = Math.max(0, 4 * base * (1 - base)) * strength;
    const square = detail * detail;
    const kept = square / (square + noise);
    luma[start + x] = value + (weight * detail * kept) / (1 + Math.abs(detail) * softness);
  }
}
