/** The slow, exact reading of a Look in float64: what every kernel is held against. Never used on whole photos. */
import type { Rgb } from './colour/rgb.ts';
import { CURVE_ENTRIES, type Look } from './look.ts';
import { interpolateNodes } from './tetrahedral.ts';

/** The colour `blend` (0..1) of the way from `rgb` (encoded sRGB, 0..1) to the look, clipped to 0..1 after the mix. */
export function evaluateLook(look: Look, rgb: Rgb, blend = 1): Rgb {
  const shown = interpolateLook(look, rgb);
  const mix = (from: number, to: number) => Math.min(1, Math.max(0, from + (to - from) * blend));
  return [mix(rgb[0], shown[0]), mix(rgb[1], shown[1]), mix(rgb[2], shown[2])];
}

/** The look's own colour of `rgb`, not clipped: curves, then tetrahedral interpolation of the nodes. */
export function interpolateLook({ curves, size, lut }: Look, rgb: Rgb): Rgb {
  const place: Rgb = [
    readCurve(curves, 0, rgb[0]),
    readCurve(curves, 1, rgb[1]),
    readCurve(curves, 2, rgb[2]),
  ];
  return interpolateNodes(size, place, (red, green, blue) => {
    const at = 3 * (red + size * (green + size * blue));
    return [lut[at] ?? 0, lut[at + 1] ?? 0, lut[at + 2] ?? 0];
  });
}

/** Linear between entries; `value` and the answer are held to 0..1. */
function readCurve(curves: Float32Array | null, channel: number, value: number): number {
  const inside = hold(value);
  if (curves === null) return inside;
  const position = inside * (CURVE_ENTRIES - 1);
  const entry = Math.min(Math.floor(position), CURVE_ENTRIES - 2);
  const low = curves[channel * CURVE_ENTRIES + entry] ?? 0;
  const high = curves[channel * CURVE_ENTRIES + entry + 1] ?? 0;
  return hold(low + (high - low) * (position - entry));
}

function hold(value: number): number {
  return Math.min(1, Math.max(0, value));
}
