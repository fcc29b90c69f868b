/**
 * Runs the colours of a Look and its spatial steps over decoded pixels, in place, band by band, and mixes the result with the source.
 * Never compiles a Look.
 */
import type { SpatialStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import type { Pixels } from '../pipeline/pixels.ts';
import { BAND_ALIGNMENT, type Band, type BandStep, type Frame, fillBand } from './band.ts';
import { createClarity } from './clarity.ts';
import { createColourNoise } from './colour-noise.ts';
import { createDefringe } from './defringe.ts';
import { createDehaze } from './dehaze.ts';
import { createRow, finishRow } from './finish-row.ts';
import { createGrain } from './grain.ts';
import { createScratch, type Scratch } from './guided-filter.ts';
import { createLowPicture, type LowPicture } from './low-picture.ts';
import { createLuminanceNoise } from './luminance-noise.ts';
import { createSharpening } from './sharpening.ts';
import { createTexture } from './texture.ts';
import { createVignette, type RowStep } from './vignette.ts';

/** Pixels of a band, about, without its halos. */
const BAND_PIXELS = 400_000;
/** Enlarged pictures: what radii grow with at most. */
const MAX_SCALE = 2;

export type SpatialJob = {
  pixels: Pixels;
  /** At least one. */
  steps: readonly SpatialStep[];
  /** Develops the colours of encoded pixels in place, whole Look. */
  colour(bytes: Pixels['data']): void;
  /** 0..100. */
  blend: number;
  scale: number;
  seed: number;
  /** Rows of a band; for tests. */
  bandRows?: number;
};

/**
 * The blend mixes after all steps: `source + blend * (developed - source)`, rounded once, so that it is linear between its ends; a
 * band's rows hold the source until that moment, which makes it free.
 *
 * Memory besides the picture, with all steps at once: under 4 bytes a pixel at 24 megapixels. That is the small picture (0.6 million
 * pixels at most, 44 bytes each while clarity or dehaze are prepared) and one band (at least 0.4 million pixels or three times its
 * halo, 40 bytes each at most), which do not grow with the height of the picture; 4 MB of grain.
 */
export function applySteps({ pixels, steps, colour, blend, scale, seed, bandRows }: SpatialJob): void {
  const { data, width, height, channels } = pixels;
  const frame: Frame = { width, height, scale: Math.min(scale, MAX_SCALE), seed };
  let scratch: Scratch = createScratch(0);
  const plan = planSteps(steps, { pixels, colour, frame, scratch: (index) => scratch(index) });
  const halo = align(plan.bandSteps.reduce((sum, step) => sum + step.halo, 0));
  const rows = align(bandRows ?? Math.max(BAND_PIXELS / width, 2 * halo));
  const most = width * Math.min(height, rows + 2 * halo);
  scratch = createScratch(most);
  const planes = createPlanes(most, plan.bandSteps);
  const row = createRow(width);
  const bytes = new (data instanceof Uint16Array ? Uint16Array : Uint8Array)(most * channels);
  const line = width * channels;
  let held = { top: 0, bottom: 0 };
  for (let first = 0; first < height; first += rows) {
    const last = Math.min(first + rows, height);
    const [top, bottom] = [Math.max(0, first - halo), Math.min(last + halo, height)];
    // Rows already developed for the band before; their pixels in the picture may be the result by now.
    bytes.copyWithin(0, (top - held.top) * line, (held.bottom - held.top) * line);
    const fresh = bytes.subarray((held.bottom - top) * line, (bottom - top) * line);
    fresh.set(data.subarray(held.bottom * line, bottom * line));
    colour(fresh);
    held = { top, bottom };
    const band: Band = { ...planes, width, height: bottom - top, top };
    fillBand(band, bytes, channels);
    band.gain?.fill(1);
    for (const step of plan.bandSteps) step.run(band);
    for (let y = first; y < last; y++) {
      const target = data.subarray(y * line, (y + 1) * line);
      const job = { band, y: y - top, bytes, channels, row, steps: plan.rowSteps, target };
      finishRow({ ...job, blend: blend / 100 });
    }
  }
}

function align(rows: number): number {
  return Math.ceil(rows / BAND_ALIGNMENT) * BAND_ALIGNMENT;
}

function createPlanes(length: number, steps: readonly BandStep[]): Pick<Band, 'luma' | 'colour' | 'gain'> {
  const plane = () => new Float32Array(length);
  const needs = new Set(steps.map((step) => step.needs));
  return {
    luma: plane(),
    colour: needs.has('colour') ? { red: plane(), blue: plane() } : null,
    gain: needs.has('gain') ? plane() : null,
  };
}

type Plan = { bandSteps: BandStep[]; rowSteps: RowStep[] };
type Means = { pixels: Pixels; colour: SpatialJob['colour']; frame: Frame; scratch: Scratch };

/** In the order of `steps`; those that need no neighbours come last in every list. */
function planSteps(steps: readonly SpatialStep[], { pixels, colour, frame, scratch }: Means): Plan {
  const plan: Plan = { bandSteps: [], rowSteps: [] };
  let small: LowPicture | undefined;
  const low = () => (small ??= createLowPicture(pixels, colour));
  for (const step of steps) {
    switch (step.kind) {
      case 'colour-noise':
        plan.bandSteps.push(createColourNoise(step, frame));
        break;
      case 'luminance-noise':
        plan.bandSteps.push(createLuminanceNoise(step, frame, scratch));
        break;
      case 'defringe':
        plan.bandSteps.push(createDefringe(step, frame, scratch));
        break;
      case 'dehaze':
        plan.bandSteps.push(createDehaze(step, low(), frame));
        break;
      case 'clarity':
        plan.bandSteps.push(createClarity(step, low(), frame));
        break;
      case 'texture':
        plan.bandSteps.push(createTexture(step, frame, scratch));
        break;
      case 'sharpening':
        plan.bandSteps.push(createSharpening(step, frame, scratch));
        break;
      case 'vignette':
        plan.rowSteps.push(createVignette(step, frame));
        break;
      case 'grain':
        plan.rowSteps.push(createGrain(step, frame));
        break;
    }
  }
  return plan;
}
