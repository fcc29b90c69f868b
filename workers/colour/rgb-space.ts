/** RGB colour spaces by their matrix and tone curve: the well-known ones, and those of matrix ICC profiles. Pure. */

/** `toXyz`: row-major 3x3 from linear RGB to XYZ (D50, as in ICC profiles). Curves: 0..1 to 0..1, monotonic. */
export type RgbSpace = {
  toXyz: readonly number[];
  /** Encoded value to linear light, for red, green and blue. */
  linearise: readonly [Curve, Curve, Curve];
};
export type Curve = (value: number) => number;

/** IEC 61966-2-1. */
export function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Adobe RGB (1998) Color Image Encoding, 4.3.4.2: gamma 2 + 51/256. */
const adobeGamma: Curve = (value) => value ** (563 / 256);

/** Matrices adapted to D50 with Bradford's method, as the spaces' own profiles have them. */
export const rgbSpaces = {
  srgb: {
    toXyz: [
      0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786, 0.0606169, 0.0139322, 0.0971045, 0.7141733,
    ],
    linearise: [srgbToLinear, srgbToLinear, srgbToLinear],
  },
  'display-p3': {
    toXyz: [0.515102, 0.2919647, 0.1571528, 0.2411822, 0.6922318, 0.066586, -0.0010505, 0.0418818, 0.784378],
    linearise: [srgbToLinear, srgbToLinear, srgbToLinear],
  },
  'adobe-rgb': {
    toXyz: [0.6097559, 0.2052401, 0.149224, 0.3111242, 0.625656, 0.0632197, 0.0194811, 0.0608902, 0.7448387],
    linearise: [adobeGamma, adobeGamma, adobeGamma],
  },
} as const satisfies Record<string, RgbSpace>;

/** Row-major product of 3x3 matrices: first `right`, then `left`. */
export function multiply(left: readonly number[], right: readonly number[]): number[] {
  const product: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += (left[row * 3 + k] ?? 0) * (right[k * 3 + column] ?? 0);
      product.push(sum);
    }
  }
  return product;
}

/** Null for a matrix that has no inverse. */
export function invert(matrix: readonly number[]): number[] | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (Math.abs(determinant) < 1e-9) return null;
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((cofactor) => cofactor / determinant);
}
