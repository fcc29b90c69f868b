/**
 * Hue and chroma of encoded colours in the plane across the grey axis. The plane is linear in red, green and blue: it has
 * no seam between neighbouring hues that a table of colours would have to bridge.
 */
import type { Rgb } from './rgb.ts';

// A. Hanbury, "Constructing cylindrical coordinate colour spaces", Pattern Recognition Letters 29 (2008): the projection
// along the achromatic axis. Red lies at 0, yellow at 60, green at 120, cyan at 180, blue at 240, magenta at 300 degrees.
const HALF_SQRT3 = Math.sqrt(3) / 2;

/** `x` points to red, `y` to between yellow and green; a pure primary has chroma 1, a grey 0. */
export type Chroma = { x: number; y: number };

export function toChroma([red, green, blue]: Rgb): Chroma {
  return { x: red - (green + blue) / 2, y: HALF_SQRT3 * (green - blue) };
}

/** The colour difference of that chroma whose three parts sum to zero. */
export function fromChroma({ x, y }: Chroma): Rgb {
  const green = y / (2 * HALF_SQRT3) - x / 3;
  return [(2 * x) / 3, green, -(2 * x) / 3 - green];
}

/** Degrees, 0 up to 360. */
export function hueOf({ x, y }: Chroma): number {
  const degrees = (Math.atan2(y, x) * 180) / Math.PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

export function turn({ x, y }: Chroma, degrees: number): Chroma {
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}
