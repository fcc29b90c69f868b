/** Moves sRGB pixels into another RGB space, in place. Relative colorimetric; out-of-range colours are clipped. */
import { maxValue, type Pixels } from '../pipeline/pixels.ts';
import { type Curve, invert, multiply, type RgbSpace, rgbSpaces } from './rgb-space.ts';

/** Entries of the table from linear light back to the target's encoding; squared input spacing keeps the darks fine. */
const ENCODE_ENTRIES = 4096;

/** Throws RangeError when the space's matrix cannot be inverted. Alpha is left alone. */
export function convertFromSrgb(pixels: Pixels, target: RgbSpace): void {
  const inverse = invert(target.toXyz);
  if (inverse === null) throw new RangeError('the colour space cannot be inverted');
  const matrix = multiply(inverse, rgbSpaces.srgb.toXyz);
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  const top = maxValue(pixels);
  const linear = sample(top + 1, rgbSpaces.srgb.linearise[0]);
  const [toRed, toGreen, toBlue] = target.linearise.map(encodeTable);
  if (toRed === undefined || toGreen === undefined || toBlue === undefined) return;
  const { data, channels } = pixels;
  for (let at = 0; at + 2 < data.length; at += channels) {
    const red = linear[data[at] ?? 0] ?? 0;
    const green = linear[data[at + 1] ?? 0] ?? 0;
    const blue = linear[data[at + 2] ?? 0] ?? 0;
    data[at] = encode(toRed, m0 * red + m1 * green + m2 * blue) * top + 0.5;
    data[at + 1] = encode(toGreen, m3 * red + m4 * green + m5 * blue) * top + 0.5;
    data[at + 2] = encode(toBlue, m6 * red + m7 * green + m8 * blue) * top + 0.5;
  }
}

/** Replaces every grey value of a picture in a grey profile's tone curve by its sRGB encoding, in place. */
export function convertGreyToSrgb(pixels: Pixels, linearise: Curve): void {
  const top = maxValue(pixels);
  const table = encodeTable(rgbSpaces.srgb.linearise[0]);
  const mapped = sample(top + 1, (value) => encode(table, linearise(value)) * top + 0.5);
  const { data, channels } = pixels;
  for (let at = 0; at + 2 < data.length; at += channels) {
    const value = mapped[data[at] ?? 0] ?? 0;
    data[at] = value;
    data[at + 1] = value;
    data[at + 2] = value;
  }
}

function sample(count: number, curve: Curve): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => curve(index / (count - 1)));
}

/** Encoded value for linear light `(index / last)^2`, by bisection of the (monotonic) tone curve. */
function encodeTable(linearise: Curve): Float64Array {
  return sample(ENCODE_ENTRIES, (root) => {
    const wanted = root * root;
    let low = 0;
    let high = 1;
    for (let step = 0; step < 30; step++) {
      const middle = (low + high) / 2;
      if (linearise(middle) < wanted) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
}

function encode(table: Float64Array, linear: number): number {
  if (linear <= 0) return table[0] ?? 0;
  if (linear >= 1) return 1;
  const position = Math.sqrt(linear) * (ENCODE_ENTRIES - 1);
  const low = Math.floor(position);
  const from = table[low] ?? 0;
  return from + ((table[low + 1] ?? 1) - from) * (position - low);
}
