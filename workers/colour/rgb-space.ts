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

/**
 * Matrices of the primaries under D65 (0.3127, 0.3290) adapted with Bradford's method to the D50 of ICC profiles (0.9642, 1,
 * 0.8249; ICC.1 7.2.16). Rows sum to it: another D50 would tinge the white of every photo with a profile.
 */
export const rgbSpaces = {
  srgb: {
    toXyz: [
      0.4360413, 0.3851129, 0.1430458, 0.2224845, 0.7169051, 0.0606104, 0.0139202, 0.0970672, 0.7139126,
    ],
    linearise: [srgbToLinear, srgbToLinear, srgbToLinear],
  },
  'display-p3': {
    toXyz: [
      0.5151187, 0.2919778, 0.1571035, 0.2411892, 0.6922441, 0.0665668, -0.0010505, 0.0418791, 0.7840713,
    ],
    linearise: [srgbToLinear, srgbToLinear, srgbToLinear],
  },
  'adobe-rgb': {
    toXyz: [
      0.6097408, 0.2052726, 0.1491867, 0.3111125, 0.6256751, 0.0632123, 0.0194654, 0.0608745, 0.7445601,
    ],
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
