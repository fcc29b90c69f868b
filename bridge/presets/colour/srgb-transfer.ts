/** The sRGB transfer function in both directions, continued beyond 0..1 so that no light is lost between stages. */

// IEC 61966-2-1:1999, section 5.2. Below zero the curve is mirrored and above one its formula goes on, as in the
// extended-range sRGB of IEC 61966-2-2: every real colour has a finite triple, so this is a wide working space.
const LINEAR_END = 0.04045;
const LINEAR_SLOPE = 12.92;
const OFFSET = 0.055;
const GAMMA = 2.4;

/** Encoded sRGB to linear light, 1 = white. */
export function toLinear(encoded: number): number {
  const size = Math.abs(encoded);
  if (size <= LINEAR_END) return encoded / LINEAR_SLOPE;
  return Math.sign(encoded) * ((size + OFFSET) / (1 + OFFSET)) ** GAMMA;
}

/** Linear light to encoded sRGB. */
export function toEncoded(linear: number): number {
  const size = Math.abs(linear);
  if (size <= LINEAR_END / LINEAR_SLOPE) return linear * LINEAR_SLOPE;
  return Math.sign(linear) * ((1 + OFFSET) * size ** (1 / GAMMA) - OFFSET);
}
