/** The colour of a light by its temperature and Lightroom's tint, and what it means for a photo to be taken as lit by it. */
import { BRADFORD, inverse, times } from '../colour/matrix.ts';
import { matrixToXyz, primariesOf, toXyz } from '../colour/primaries.ts';
import type { Rgb } from '../colour/rgb.ts';

/** `temperature` in kelvin (2000..50000); `tint` -150..150 as on the slider: up for greener light, which makes the picture more magenta. */
export type SceneWhite = { temperature: number; tint: number };

/**
 * What a developed photo is taken to have been shot in; a JPEG does not tell. Camera Raw's "daylight", the light D55 and what most cameras
 * call daylight: a preset with "Daylight" then leaves a photo as it is, "Cloudy" and "Shade" warm it, "Tungsten" cools it.
 */
export const DAYLIGHT: SceneWhite = { temperature: 5500, tint: 10 };

// G. Wyszecki and W. S. Stiles, "Color Science", 2nd ed. (1982), p. 228, after A. R. Robertson (1968), the table that
// Adobe's DNG SDK (dng_temperature.cpp) uses: mired, CIE 1960 u, v of the Planckian radiator, slope of the isotherm.
const isotherms: readonly (readonly [mired: number, u: number, v: number, slope: number])[] = [
  [0, 0.18006, 0.26352, -0.24341],
  [10, 0.18066, 0.26589, -0.25479],
  [20, 0.18133, 0.26846, -0.26876],
  [30, 0.18208, 0.27119, -0.28539],
  [40, 0.18293, 0.27407, -0.3047],
  [50, 0.18388, 0.27709, -0.32675],
  [60, 0.18494, 0.28021, -0.35156],
  [70, 0.18611, 0.28342, -0.37915],
  [80, 0.1874, 0.28668, -0.40955],
  [90, 0.1888, 0.28997, -0.44278],
  [100, 0.19032, 0.29326, -0.47888],
  [125, 0.19462, 0.30141, -0.58204],
  [150, 0.19962, 0.30921, -0.70471],
  [175, 0.20525, 0.31647, -0.84901],
  [200, 0.21142, 0.32312, -1.0182],
  [225, 0.21807, 0.32909, -1.2168],
  [250, 0.22511, 0.33439, -1.4512],
  [275, 0.23247, 0.33904, -1.7298],
  [300, 0.2401, 0.34308, -2.0637],
  [325, 0.24792, 0.34655, -2.4681],
  [350, 0.25591, 0.34951, -2.9641],
  [375, 0.264, 0.352, -3.5814],
  [400, 0.27218, 0.35407, -4.3633],
  [425, 0.28039, 0.35577, -5.3762],
  [450, 0.28863, 0.35714, -6.7262],
  [475, 0.29685, 0.35823, -8.5955],
  [500, 0.30505, 0.35907, -11.324],
  [525, 0.3132, 0.35968, -15.628],
];
/** One step of tint in CIE 1960 u, v, away from the Planckian locus along the isotherm (DNG SDK: `kTintScale`). */
const TINT_STEP = 1 / -3000;

/** CIE 1931 x, y: between two isotherms linearly in mired, as the DNG SDK does. */
export function toChromaticity({ temperature, tint }: SceneWhite): readonly [x: number, y: number] {
  const mired = 1e6 / temperature;
  let upper = 1;
  while (upper < isotherms.length - 1 && mired > at(upper)[0]) upper++;
  const [low, high] = [at(upper - 1), at(upper)];
  const share = (mired - low[0]) / (high[0] - low[0]);
  const mix = (a: number, b: number) => a + (b - a) * share;
  const lowLength = Math.hypot(1, low[3]);
  const highLength = Math.hypot(1, high[3]);
  const alongU = mix(1 / lowLength, 1 / highLength);
  const alongV = mix(low[3] / lowLength, high[3] / highLength);
  const distance = (tint * TINT_STEP) / Math.hypot(alongU, alongV);
  const u = mix(low[1], high[1]) + alongU * distance;
  const v = mix(low[2], high[2]) + alongV * distance;
  const scale = u - 4 * v + 2;
  return [(1.5 * u) / scale, v / scale];
}

function at(index: number): readonly [number, number, number, number] {
  return isotherms[index] ?? [0, 0, 0, 0];
}

const D65: readonly [x: number, y: number] = [0.3127, 0.329];
const xyzToSrgb = inverse(matrixToXyz(primariesOf.srgb));
/** A light far beyond sRGB takes a channel to nothing; it stays a factor above zero. */
const LEAST = 0.02;

/**
 * Linear sRGB (luminance 1) of what was white under `DAYLIGHT` when the photo is taken to have been lit by `white` instead: white is
 * adapted from `white` to D65 with Bradford's method, so less kelvin gives a bluer picture. Neutral for `DAYLIGHT`.
 */
export function toWhiteGains(white: SceneWhite): Rgb {
  if (white.temperature === DAYLIGHT.temperature && white.tint === DAYLIGHT.tint) return [1, 1, 1];
  const cones = (chromaticity: readonly [number, number]) => times(BRADFORD, toXyz(chromaticity));
  const from = cones(toChromaticity(white));
  const to = cones(toChromaticity(DAYLIGHT));
  const shown = cones(D65);
  const adapted: Rgb = [
    (shown[0] * to[0]) / from[0],
    (shown[1] * to[1]) / from[1],
    (shown[2] * to[2]) / from[2],
  ];
  const gains = times(xyzToSrgb, times(inverse(BRADFORD), adapted));
  const gain = (channel: 0 | 1 | 2) => Math.max(LEAST, gains[channel]);
  return [gain(0), gain(1), gain(2)];
}
