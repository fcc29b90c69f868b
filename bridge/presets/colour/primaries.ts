/** RGB spaces by the colours of their primaries and white, and the way from linear sRGB to them. */
import type { profilePrimaries } from '../../contract/native-preset.ts';
import { BRADFORD, diagonal, inverse, type Matrix, product, times, transpose } from './matrix.ts';
import type { Rgb } from './rgb.ts';

type Chromaticity = readonly [x: number, y: number];
export type Primaries = { red: Chromaticity; green: Chromaticity; blue: Chromaticity; white: Chromaticity };

const D65: Chromaticity = [0.3127, 0.329];
const D50: Chromaticity = [0.3457, 0.3585];

/** IEC 61966-2-1; Adobe RGB (1998); ISO 22028-2; SMPTE EG 432-1 with D65; Rec. ITU-R BT.2020. */
export const primariesOf: Record<(typeof profilePrimaries)[number], Primaries> = {
  srgb: { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: D65 },
  'adobe-rgb': { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: D65 },
  prophoto: { red: [0.7347, 0.2653], green: [0.1596, 0.8404], blue: [0.0366, 0.0001], white: D50 },
  'display-p3': { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 },
  rec2020: { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 },
};

/** Luminance 1. */
export function toXyz([x, y]: Chromaticity): Rgb {
  return [x / y, 1, (1 - x - y) / y];
}

/** From linear RGB to XYZ of its own white: the primaries, scaled so that together they give white (SMPTE RP 177). */
export function matrixToXyz({ red, green, blue, white }: Primaries): Matrix {
  const primaries = transpose([toXyz(red), toXyz(green), toXyz(blue)]);
  return product(primaries, diagonal(times(inverse(primaries), toXyz(white))));
}

/** From linear sRGB to another space's linear RGB; whites meet by Bradford's adaptation. */
export function fromSrgb(space: keyof typeof primariesOf): Matrix {
  const [srgb, target] = [primariesOf.srgb, primariesOf[space]];
  const [from, to] = [times(BRADFORD, toXyz(srgb.white)), times(BRADFORD, toXyz(target.white))];
  const gains = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  const adaptation = product(inverse(BRADFORD), product(gains, BRADFORD));
  return product(inverse(matrixToXyz(target)), product(adaptation, matrixToXyz(srgb)));
}
