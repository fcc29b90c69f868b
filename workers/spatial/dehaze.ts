/** Dehaze: takes the veil of scattered light off a picture, thicker where the picture shows it to be, or lays one on. */
import type { DehazeStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import { type AffineReader, type AffineRow, createAffineReader } from './affine-map.ts';
import type { BandStep, Frame } from './band.ts';
import { type Coefficients, createScratch, guideByOther } from './guided-filter.ts';
import { loopsOver } from './loops.ts';
import type { LowPicture } from './low-picture.ts';
import { opened } from './opened.ts';

// K. He, J. Sun, X. Tang, "Single image haze removal using dark channel prior", IEEE TPAMI 2011, sections 3 and 4: a haze-free patch
// has a dark spot in some channel, so the patch's darkest value is the veil's. Refined by their guided filter (2013) in place of matting.
/** Half a patch, as a share of the longest edge: the paper's 15 of 600 pixels. */
const PATCH = 0.0125;
/** The refining filter's radius, in patches, and its regularisation. */
const REFINE_PATCHES = 4;
const REFINE_VARIANCE = 1e-3;
/** The share of pixels, haziest first, among which the light of the air is looked for. */
const AIR_SHARE = 0.001;
/** Of the veil, at 100; the paper's own 0.95 looks unnatural where there is none. */
const RAISE = 0.8;
const LEAST_TRANSMISSION = 0.2;
/** Laid on at -100: of the picture's own veil, and evenly. */
const LOWER = 0.4;
const LOWER_EVENLY = 0.2;

/**
 * The paper's J = (I - A) / t + A in encoded values. The air's light A is taken as grey, so that grey stays grey. A picture of one
 * colour is its own air and stays. Changes `low.luma` the same way for the steps that follow.
 */
export function createDehaze({ amount }: DehazeStep, low: LowPicture, frame: Frame): BandStep {
  const { width, height, cell } = low;
  const dark = darkChannel(
    low,
    Math.max(1, Math.round((PATCH * Math.max(frame.width, frame.height)) / cell)),
  );
  const air = airLight(low, dark.plane);
  const veil = refine(low, { dark, air });
  const lift = { air, ...factorOf(amount / 100) };
  clearRow({ luma: low.luma, gain: new Float32Array(low.luma.length), start: 0, row: veil, lift });
  let rowAt: AffineReader | undefined;
  return {
    halo: 0,
    needs: 'gain',
    run({ luma, gain, width: count, height: rows, top }, { arena }) {
      if (gain === null) return;
      rowAt ??= createAffineReader({ ...veil, width, height, cell }, count, arena);
      for (let y = 0; y < rows; y++) clearRow({ luma, gain, start: y * count, row: rowAt(top + y), lift });
    },
  };
}

/** What contrast to the air is multiplied by: `p + q * veil`, or one over that held above `least` (0: not). */
type Factor = { p: number; q: number; least: number };

function factorOf(amount: number): Factor {
  if (amount < 0) return { p: 1 + amount * LOWER_EVENLY, q: amount * LOWER, least: 0 };
  return { p: 1, q: -RAISE * amount, least: LEAST_TRANSMISSION };
}

type RowJob = {
  luma: Float32Array;
  gain: Float32Array;
  start: number;
  row: AffineRow;
  lift: Factor & { air: number };
};

function clearRow({ luma, gain, start, row: { a, b }, lift: { air, p, q, least } }: RowJob): void {
  const loops = loopsOver(luma, gain, a, b);
  if (loops !== null) {
    const [to, by] = [luma.byteOffset + 4 * start, gain.byteOffset + 4 * start];
    loops.dehaze(to, by, a.byteOffset, b.byteOffset, a.length, air, p, q, least);
    return;
  }
  for (let x = 0, i = start; x < a.length; x++, i++) {
    const value = luma[i] ?? 0;
    const veil = Math.min(1, Math.max(0, (a[x] ?? 0) * value + (b[x] ?? 0)));
    const factor = least > 0 ? 1 / Math.max(least, p + q * veil) : p + q * veil;
    luma[i] = air + (value - air) * factor;
    gain[i] = (gain[i] ?? 1) * factor;
  }
}

type Dark = { plane: Float32Array; radius: number };

/**
 * The least of each patch, the paper's choice, also takes the veil off what lies within a patch of something dark, which shows as a light
 * seam along poles and roofs; the greatest of those gives it back.
 */
function darkChannel({ darkest, width, height }: LowPicture, radius: number): Dark {
  return { plane: opened({ source: darkest, width, height, radius }), radius };
}

/** The paper's choice: of the haziest pixels the brightest. At least a level above black. */
function airLight({ luma }: LowPicture, dark: Float32Array): number {
  const count = Math.max(1, Math.round(dark.length * AIR_SHARE));
  const least = Float32Array.from(dark).sort()[dark.length - count] ?? 0;
  let brightest = 1 / 255;
  for (let i = 0; i < dark.length; i++) {
    if ((dark[i] ?? 0) >= least) brightest = Math.max(brightest, luma[i] ?? 0);
  }
  return brightest;
}

/** The thickness of the veil, dark / air, along the picture's own edges. */
function refine(low: LowPicture, { dark, air }: { dark: Dark; air: number }): Coefficients {
  const { width, height, luma } = low;
  const target = { a: new Float32Array(luma.length), b: new Float32Array(luma.length) };
  const source = dark.plane.map((value) => value / air);
  const radius = REFINE_PATCHES * dark.radius;
  const scratch = createScratch(luma.length);
  const size = { width, height, radius, epsilon: REFINE_VARIANCE };
  guideByOther({ source, guide: luma, target, scratch, ...size });
  return target;
}
