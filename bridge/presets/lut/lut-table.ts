/** A lookup table as its file has it, and its exact reading in float64. Knows neither file formats nor Looks. */
import type { Rgb } from '../colour/rgb.ts';
import { interpolateNodes } from '../tetrahedral.ts';

/** One curve a channel: `size` entries from `min` to `max`, `values` r, g, b of each entry in turn. Linear in between. */
export type LutShaper = { size: number; min: Rgb; max: Rgb; values: Float32Array };
/** `size^3` nodes over the box from `min` to `max`, red index fastest. Tetrahedral in between. */
export type LutCube = { size: number; min: Rgb; max: Rgb; values: Float32Array };

/** The shaper first, then the cube; at least one of them is there. What lies outside a domain is held to its border. */
export type LutTable = {
  title: string | null;
  shaper: LutShaper | null;
  cube: LutCube | null;
  /** What the file asks for and nobody here can do, as sentences. */
  notes: readonly string[];
};

const channels = [0, 1, 2] as const;

/** `rgb` and the answer: encoded values; the answer is not clipped. */
export function evaluateLut({ shaper, cube }: LutTable, rgb: Rgb): Rgb {
  const shaped = shaper === null ? rgb : evaluateShaper(shaper, rgb);
  return cube === null ? shaped : evaluateCube(cube, shaped);
}

export function evaluateShaper(shaper: LutShaper, rgb: Rgb): Rgb {
  const { size, values } = shaper;
  const place = toPlace(shaper, rgb);
  const read = (channel: 0 | 1 | 2): number => {
    const position = place[channel] * (size - 1);
    const entry = Math.min(Math.floor(position), size - 2);
    const low = values[3 * entry + channel] ?? 0;
    const high = values[3 * entry + 3 + channel] ?? 0;
    return low + (high - low) * (position - entry);
  };
  return [read(0), read(1), read(2)];
}

export function evaluateCube(cube: LutCube, rgb: Rgb): Rgb {
  const { size, values } = cube;
  return interpolateNodes(size, toPlace(cube, rgb), (red, green, blue) => {
    const at = 3 * (red + size * (green + size * blue));
    return [values[at] ?? 0, values[at + 1] ?? 0, values[at + 2] ?? 0];
  });
}

/** Where a colour lies in a domain, 0..1 on each axis. */
export function toPlace({ min, max }: { min: Rgb; max: Rgb }, rgb: Rgb): Rgb {
  const at = (channel: 0 | 1 | 2) =>
    Math.max(0, Math.min(1, (rgb[channel] - min[channel]) / (max[channel] - min[channel])));
  return [at(0), at(1), at(2)];
}

/** Smallest and largest of a shaper's values, over all channels. */
export function rangeOf({ values }: LutShaper): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

/** Null when a domain rises on every axis. */
export function domainProblem({ min, max }: { min: Rgb; max: Rgb }): string | null {
  return channels.every((channel) => max[channel] > min[channel])
    ? null
    : 'the end of the domain must lie above its begin in each channel';
}
