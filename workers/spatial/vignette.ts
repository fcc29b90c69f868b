/** Vignette: corners darker or lighter, as a smooth elliptical falloff of light around the middle of the picture. */
import type { VignetteStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import { BLUE_SHARE, type Frame, GREEN_SHARE, RED_SHARE } from './band.ts';

/** Red, green and blue of one row, encoded, 0..1 (a little more or less for what is not shown). */
export type Row = { red: Float32Array; green: Float32Array; blue: Float32Array };
export type RowStep = (row: Row, y: number) => void;

// Three styles after Adobe's descriptions (Lightroom help, "Post-crop vignetting"); formulas and constants are our own.
/** Stops in the very corner at -100 and 100. */
const DARKEN = 3.5;
const LIGHTEN = 2;
/** Encoded values are taken for light to the power of 1 / 2.2: a factor on light is a factor on them. */
const GAMMA = 2.2;
const ENTRIES = 1024;

/**
 * A place is told by s = cu |u|^p + cv |v|^p, u and v from -1 to 1 along the edges, 1 in the corners: an ellipse of the picture's shape
 * (p 2) at roundness 0, a circle at 100, nearly a rectangle (p 8) at -100. The same at every size of the picture.
 */
export function createVignette(step: VignetteStep, { width, height }: Frame): RowStep {
  const power = 2 + 6 * Math.max(0, -step.roundness / 100);
  const circle = Math.max(0, step.roundness / 100);
  const diagonal = width * width + height * height;
  const across = sides(width, power, 0.5 + circle * ((width * width) / diagonal - 0.5));
  const down = sides(height, power, 0.5 + circle * ((height * height) / diagonal - 0.5));
  const { shade, neutral, strengthAt } = createShade(step);
  const strengths = createFalloff(step, power).map(strengthAt);
  return (row, y) => {
    const here = down[y] ?? 0;
    for (let x = 0; x < width; x++) {
      const place = (here + (across[x] ?? 0)) * ENTRIES;
      const entry = Math.floor(place);
      const from = strengths[entry] ?? neutral;
      const strength = from + (place - entry) * ((strengths[entry + 1] ?? from) - from);
      if (strength !== neutral) shade(row, x, strength);
    }
  };
}

function sides(count: number, power: number, share: number): Float64Array {
  return Float64Array.from({ length: count }, (_, at) => {
    const place = Math.abs(2 * at + 1 - count) / count;
    return share * place ** power;
  });
}

/** 0 (untouched) to 1 by place: a smoothstep whose middle is set by midpoint, its width by feather. */
function createFalloff({ midpoint, feather }: VignetteStep, power: number): Float64Array {
  const middle = 0.3 + (0.7 * midpoint) / 100;
  const width = Math.max(0.02, (1.1 * feather) / 100);
  return Float64Array.from({ length: ENTRIES + 2 }, (_, entry) => {
    const distance = (entry / ENTRIES) ** (1 / power);
    const t = Math.min(1, Math.max(0, (distance - middle) / width + 0.5));
    return t * t * (3 - 2 * t);
  });
}

type Shade = {
  /** From 0..1 of the falloff to what `shade` wants. */
  strengthAt(amount: number): number;
  /** Of that, what changes nothing. */
  neutral: number;
  shade(row: Row, x: number, strength: number): void;
};

function createShade(step: VignetteStep): Shade {
  if (step.style === 'paint') {
    const share = Math.abs(step.amount / 100);
    return { strengthAt: (amount) => share * amount, neutral: 0, shade: paint(step.amount > 0 ? 1 : 0) };
  }
  const stops = (step.amount / 100) * (step.amount < 0 ? DARKEN : LIGHTEN);
  // Whites are spared fully where they would burn out, and as far as asked where they would go grey.
  const spare = step.amount < 0 ? step.highlights / 100 : 1;
  const shade = step.style === 'colour' ? byColour(stops > 0, spare) : byChannel(spare);
  return { strengthAt: (amount) => 2 ** ((stops * amount) / GAMMA), neutral: 1, shade };
}

/** The factor of light on a value: itself, and `g / (1 + (g - 1) c)`, which leaves white white, mixed by `spare`. */
function factorAt(factor: number, value: number, spare: number): number {
  return factor + spare * (factor / (1 + (factor - 1) * Math.min(1, value)) - factor);
}

function byChannel(spare: number): Shade['shade'] {
  return ({ red, green, blue }, x, factor) => {
    const r = red[x] ?? 0;
    const g = green[x] ?? 0;
    const b = blue[x] ?? 0;
    red[x] = r * factorAt(factor, r, spare);
    green[x] = g * factorAt(factor, g, spare);
    blue[x] = b * factorAt(factor, b, spare);
  };
}

/** One factor for all three: by the largest where it lightens, so that none clips; by the luma where it darkens. */
function byColour(isLighter: boolean, spare: number): Shade['shade'] {
  return ({ red, green, blue }, x, strength) => {
    const r = red[x] ?? 0;
    const g = green[x] ?? 0;
    const b = blue[x] ?? 0;
    const guide = isLighter ? Math.max(r, g, b) : RED_SHARE * r + GREEN_SHARE * g + BLUE_SHARE * b;
    const factor = factorAt(strength, guide, spare);
    red[x] = r * factor;
    green[x] = g * factor;
    blue[x] = b * factor;
  };
}

/** Black or white laid over. */
function paint(target: 0 | 1): Shade['shade'] {
  return ({ red, green, blue }, x, over) => {
    red[x] = (red[x] ?? 0) + over * (target - (red[x] ?? 0));
    green[x] = (green[x] ?? 0) + over * (target - (green[x] ?? 0));
    blue[x] = (blue[x] ?? 0) + over * (target - (blue[x] ?? 0));
  };
}
