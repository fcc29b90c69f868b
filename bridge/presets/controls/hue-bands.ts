/** The eight hue bands of HSL and monochrome mix, and how a colour belongs to them. */
import { type HslBand, hslBands } from '../../contract/native-preset.ts';

/** Where each band is whole, in degrees of the hue plane. Lightroom's bands: three close ones where skin and leaves lie. */
const centres = {
  red: 0,
  orange: 30,
  yellow: 60,
  green: 120,
  aqua: 180,
  blue: 240,
  purple: 280,
  magenta: 320,
};

export type BandValues = Partial<Record<HslBand, number | undefined>>;

/** Where a hue lies: between `band` and the next one, `mix` (0..1) of the way with a raised cosine, so without corners. */
export type BandPlace = { band: number; mix: number };

const starts: readonly number[] = hslBands.map((band) => centres[band]);

export function placeHue(degrees: number): BandPlace {
  let band = starts.length - 1;
  while (band > 0 && degrees < (starts[band] ?? 0)) band--;
  const start = starts[band] ?? 0;
  const end = starts[band + 1] ?? 360;
  return { band, mix: (1 - Math.cos((Math.PI * (degrees - start)) / (end - start))) / 2 };
}

/** Slider values by band, -1..1 for -100..100. */
export function toBandTable(values: BandValues): readonly number[] {
  return hslBands.map((band) => (values[band] ?? 0) / 100);
}

/** The two neighbours' sliders, mixed; always between them. */
export function readBand(table: readonly number[], { band, mix }: BandPlace): number {
  const here = table[band] ?? 0;
  return here + ((table[(band + 1) % table.length] ?? 0) - here) * mix;
}

/**
 * How far a chroma counts as coloured at all, 0 (grey) to nearly 1: c^2 / (c^2 + k^2), which starts level at grey, so that greys and
 * their noise are left alone and no seam shows. `half` is the chroma that counts by half.
 */
export function colourfulness(x: number, y: number, half: number): number {
  const squared = x * x + y * y;
  return squared / (squared + half * half);
}
