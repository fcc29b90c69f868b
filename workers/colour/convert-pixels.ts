/** Moves pixels between RGB spaces, in place. Relative colorimetric; out-of-range colours are clipped. */
import { maxValue, type Pixels } from '../pipeline/pixels.ts';
import { type Curve, invert, multiply, type RgbSpace, rgbSpaces } from './rgb-space.ts';

type Tables = readonly [Float64Array, Float64Array, Float64Array];

/** Entries of the table from linear light back to the target's encoding; squared input spacing keeps the darks fine. */
const ENCODE_ENTRIES = 4096;

export function convertFromSrgb(pixels: Pixels, target: RgbSpace): void {
  convertBetween(pixels, rgbSpaces.srgb, target);
}

/** Throws RangeError when the target's matrix cannot be inverted. Alpha is left alone. */
export function convertBetween(pixels: Pixels, source: RgbSpace, target: RgbSpace): void {
  const matrix = multiply(fromXyz(target), source.toXyz);
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  const top = maxValue(pixels);
  const [fromRed, fromGreen, fromBlue] = linearTables(source, top + 1);
  const [toRed, toGreen, toBlue] = encodeTables(target);
  const { data, channels } = pixels;
  for (let at = 0; at + 2 < data.length; at += channels) {
    const red = fromRed[data[at] ?? 0] ?? 0;
    const green = fromGreen[data[at + 1] ?? 0] ?? 0;
    const blue = fromBlue[data[at + 2] ?? 0] ?? 0;
    data[at] = encode(toRed, m0 * red + m1 * green + m2 * blue) * top + 0.5;
    data[at + 1] = encode(toGreen, m3 * red + m4 * green + m5 * blue) * top + 0.5;
    data[at + 2] = encode(toBlue, m6 * red + m7 * green + m8 * blue) * top + 0.5;
  }
}

/** Replaces every grey value of a picture in a grey profile's tone curve by the same light in the target, in place. */
export function convertGreyTo(pixels: Pixels, linearise: Curve, target: RgbSpace): void {
  const top = maxValue(pixels);
  const [toRed, toGreen, toBlue] = encodeTables(target).map((table) =>
    sample(top + 1, (value) => encode(table, linearise(value)) * top + 0.5),
  );
  const { data, channels } = pixels;
  for (let at = 0; at + 2 < data.length; at += channels) {
    const value = data[at] ?? 0;
    data[at] = toRed?.[value] ?? 0;
    data[at + 1] = toGreen?.[value] ?? 0;
    data[at + 2] = toBlue?.[value] ?? 0;
  }
}

/** From XYZ (D50) to the space's linear light. Throws RangeError when its matrix cannot be inverted. */
export function fromXyz(space: RgbSpace): number[] {
  const inverse = invert(space.toXyz);
  if (inverse === null) throw new RangeError('the colour space cannot be inverted');
  return inverse;
}

/** Channels of one curve share one table. */
function linearTables({ linearise: [red, green, blue] }: RgbSpace, count: number): Tables {
  const first = sample(count, red);
  const second = green === red ? first : sample(count, green);
  return [first, second, blue === red ? first : sample(count, blue)];
}

/** For `encode`: from linear light to the space's values, 0..1. */
export function encodeTables({ linearise: [red, green, blue] }: RgbSpace): Tables {
  const first = encodeTable(red);
  const second = green === red ? first : encodeTable(green);
  return [first, second, blue === red ? first : encodeTable(blue)];
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

export function encode(table: Float64Array, linear: number): number {
  if (linear <= 0) return table[0] ?? 0;
  if (linear >= 1) return 1;
  const position = Math.sqrt(linear) * (ENCODE_ENTRIES - 1);
  const low = Math.floor(position);
  const from = table[low] ?? 0;
  return from + ((table[low + 1] ?? 1) - from) * (position - low);
}
