/** Luminance of a colour, as a grey of the same encoded scale. */
import type { Rgb } from './rgb.ts';
import { toEncoded, toLinear } from './srgb-transfer.ts';

// Rec. ITU-R BT.709-6, item 3.2: the luminance of the sRGB primaries at a D65 white.
const RED = 0.2126;
const GREEN = 0.7152;
const BLUE = 0.0722;

/** The grey (encoded sRGB) that is as light as `rgb`: mixed in linear light, so that it is what the eye would call equal. */
export function greyOf([red, green, blue]: Rgb): number {
  return toEncoded(RED * toLinear(red) + GREEN * toLinear(green) + BLUE * toLinear(blue));
}

/** The weighted sum of encoded values (Rec. BT.709-6, item 3.3): linear in them, hence cheap and safe to shift by. */
export function lumaOf([red, green, blue]: Rgb): number {
  return RED * red + GREEN * green + BLUE * blue;
}
