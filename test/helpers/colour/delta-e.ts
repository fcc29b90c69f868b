/** CIEDE2000 as in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula" (Color Res. Appl. 30(1), 2005). */

/** CIE L*a*b*. */
export type Lab = readonly [number, number, number];

const degrees = (radians: number) => (radians * 180) / Math.PI;
const sine = (angle: number) => Math.sin((angle * Math.PI) / 180);
const cosine = (angle: number) => Math.cos((angle * Math.PI) / 180);
/** Equations 4 and 15: 25^7 sets where chroma counts as high. */
const chromaShare = (chroma: number) => Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7));

/** Equation 7; no hue is 0. */
function hue(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  const angle = degrees(Math.atan2(b, a));
  return angle < 0 ? angle + 360 : angle;
}

/** Equation 10. */
function hueStep(from: number, to: number): number {
  const step = to - from;
  if (step > 180) return step - 360;
  return step < -180 ? step + 360 : step;
}

/** Equation 14. */
function meanHue(one: number, other: number): number {
  const sum = one + other;
  if (Math.abs(one - other) <= 180) return sum / 2;
  return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

/** All parametric factors 1. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
  const stretch = 1.5 - 0.5 * chromaShare((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2);
  const [c1, c2] = [Math.hypot(stretch * a1, b1), Math.hypot(stretch * a2, b2)];
  const [h1, h2] = [hue(stretch * a1, b1), hue(stretch * a2, b2)];
  const isGrey = c1 * c2 === 0;
  const hueDistance = 2 * Math.sqrt(c1 * c2) * sine((isGrey ? 0 : hueStep(h1, h2)) / 2);
  const middleHue = isGrey ? h1 + h2 : meanHue(h1, h2);
  const middleChroma = (c1 + c2) / 2;
  const fromMiddle = ((l1 + l2) / 2 - 50) ** 2;
  const hueWeight =
    1 -
    0.17 * cosine(middleHue - 30) +
    0.24 * cosine(2 * middleHue) +
    0.32 * cosine(3 * middleHue + 6) -
    0.2 * cosine(4 * middleHue - 63);
  const light = (l2 - l1) / (1 + (0.015 * fromMiddle) / Math.sqrt(20 + fromMiddle));
  const chroma = (c2 - c1) / (1 + 0.045 * middleChroma);
  const turn = hueDistance / (1 + 0.015 * middleChroma * hueWeight);
  const rotation = -sine(60 * Math.exp(-(((middleHue - 275) / 25) ** 2))) * 2 * chromaShare(middleChroma);
  return Math.sqrt(light ** 2 + chroma ** 2 + turn ** 2 + rotation * chroma * turn);
}
