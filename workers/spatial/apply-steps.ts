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
import { createScratch } from './guided-filter.ts';
import { type Arena, openArena, plainArena } from './loops.ts';
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
  /** For tests: rows of a band; without WebAssembly. */
  bandRows?: number;
  isPlain?: boolean;
};

/**
 * The blend mixes after all steps: `source + blend * (developed - source)`, rounded once, so that it is linear between its ends; a
 * band's rows hold the source until that moment, which makes it free.
 *
 * Memory besides the picture, with all steps at once: under 4 bytes a pixel at 24 megapixels. That is the small picture (0.6 million
 * pixels at most, 44 bytes each while clarity or dehaze are prepared) and one band (at least 0.4 million pixels or three times its
 * halo, 55 bytes each at most), which do not grow with the height of the picture; 4 MB of grain.
 */
export function applySteps(job: SpatialJob): void {
  const { pixels, steps, colour, blend, scale, seed } = job;
  const { data, width, height, channels } = pixels;
  const frame: Frame = { width, height, scale: Math.min(scale, MAX_SCALE), seed };
  const bandSteps = planBandSteps(job, frame);
  const halo = align(bandSteps.reduce((sum, step) => sum + step.halo, 0));
  const rows = align(job.bandRows ?? Math.max(BAND_PIXELS / width, 2 * halo));
  const most = width * Math.min(height, rows + 2 * halo);
  const arena = job.isPlain ? plainArena : openArena({ width, bytes: most * 55 + width * 80, planes: 30 });
  const room = { arena, scratch: createScratch(most, arena) };
  const planes = createPlanes(most, bandSteps, arena);
  const row = createRow(width, arena);
  const rowSteps = planRowSteps(steps, frame, arena);
  const bytes = data instanceof Uint16Array ? new Uint16Array(most * channels) : arena.bytes(most * channels);
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
    for (const step of bandSteps) step.run(band, room);
    for (let y = first; y < last; y++) {
      const target = data.subarray(y * line, (y + 1) * line);
      const parts = { band, y: y - top, bytes, channels, row, steps: rowSteps, target };
      finishRow({ ...parts, blend: blend / 100 });
    }
  }
}

function align(rows: number): number {
  return Math.ceil(rows / BAND_ALIGNMENT) * BAND_ALIGNMENT;
}

function createPlanes(
  length: number,
  steps: readonly BandStep[],
  arena: Arena,
): Pick<Band, 'luma' | 'colour' | 'gain'> {
  const needs = new Set(steps.map((step) => step.needs));
  const plane = () => arena.floats(length);
  return {
    luma: plane(),
    colour: needs.has('colour') ? { red: plane(), blue: plane() } : null,
    gain: needs.has('gain') ? plane() : null,
  };
}

function planBandSteps({ steps, pixels, colour, isPlain = false }: SpatialJob, frame: Frame): BandStep[] {
  let small: LowPicture | undefined;
  const low = () => {
    small ??= { ...createLowPicture(pixels, colour), isPlain };
    return small;
  };
  return steps.map((step) => toBandStep(step, frame, low)).filter((step) => step !== null);
}

/** Null for those that need no neighbours. */
function toBandStep(step: SpatialStep, frame: Frame, low: () => LowPicture): BandStep | null {
  switch (step.kind) {
    case 'colour-noise':
      return createColourNoise(step, frame);
    case 'luminance-noise':
      return createLuminanceNoise(step, frame);
    case 'defringe':
      return createDefringe(step, frame);
    case 'dehaze':
      return createDehaze(step, low(), frame);
    case 'clarity':
      return createClarity(step, low(), frame);
    case 'texture':
      return createTexture(step, frame);
    case 'sharpening':
      return createSharpening(step, frame);
    case 'vignette':
    case 'grain':
      return null;
  }
}

/** The others. */
function planRowSteps(steps: readonly SpatialStep[], frame: Frame, arena: Arena): RowStep[] {
  return steps.flatMap((step) => {
    if (step.kind === 'vignette') return createVignette(step, frame);
    return step.kind === 'grain' ? createGrain(step, frame, arena) : [];
  });
}
