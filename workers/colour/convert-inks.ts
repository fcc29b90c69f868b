/**
 * Turns CMYK pixels into an RGB space by the table of their profile. Perceptual, with black point compensation (Adobe Systems,
 * "Black Point Compensation", ISO 18619): the darkest the inks can do becomes the space's black.
 */
import { maxValue, type Pixels } from '../pipeline/pixels.ts';
import { encode, encodeTables, fromXyz } from './convert-pixels.ts';
import { createEvaluator, curveAt, type InkTable } from './icc-table.ts';
import type { RgbSpace } from './rgb-space.ts';

/** The connection space's white: ICC.1 7.2.16. */
const white = [0.9642, 1, 0.8249] as const;
/** The black of version 4's perceptual intent (LittleCMS, `cmsPERCEPTUAL_BLACK_X` and so on). */
const version4Black = [0.00336, 0.0034731, 0.00287] as const;

/**
 * `pixels`: C M Y K, full ink is the highest value. Answers R G B of the same depth, in the front of the same memory: a second copy of
 * a large photo would be the most that a thread ever needs.
 */
export function convertInks(pixels: Pixels, table: InkTable, target: RgbSpace): Pixels {
  const { data, width, height } = pixels;
  const top = maxValue(pixels);
  const count = width * height * 3;
  const toLinear = createInkReader(table, top, fromXyz(target));
  const [toRed, toGreen, toBlue] = encodeTables(target);
  for (let from = 0, to = 0; to < count; from += 4, to += 3) {
    const light = toLinear(data, from);
    data[to] = encode(toRed, light[0] ?? 0) * top + 0.5;
    data[to + 1] = encode(toGreen, light[1] ?? 0) * top + 0.5;
    data[to + 2] = encode(toBlue, light[2] ?? 0) * top + 0.5;
  }
  return { data: data.subarray(0, count), width, height, channels: 3 };
}

type InkReader = (data: Pixels['data'], at: number) => Float64Array;

/** The linear light of one pixel in the target, not yet clipped. The same array each time. */
function createInkReader(table: InkTable, top: number, matrix: readonly number[]): InkReader {
  const evaluate = createEvaluator(table);
  const positions = table.inputs.map((curve) =>
    Float64Array.from({ length: top + 1 }, (_, value) => curveAt(curve, value / top) * (table.grid - 1)),
  );
  const [cyan, magenta, yellow, key] = positions;
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  const inks = new Float64Array(4);
  const values = new Float64Array(3);
  const xyz = new Float64Array(3);
  const light = new Float64Array(3);
  const [scale, offset] = blackPoint(table, positions, top);
  return (data, at) => {
    inks[0] = cyan?.[data[at] ?? 0] ?? 0;
    inks[1] = magenta?.[data[at + 1] ?? 0] ?? 0;
    inks[2] = yellow?.[data[at + 2] ?? 0] ?? 0;
    inks[3] = key?.[data[at + 3] ?? 0] ?? 0;
    evaluate(inks, values);
    table.toXyz(values, xyz);
    const x = (xyz[0] ?? 0) * (scale[0] ?? 1) + (offset[0] ?? 0);
    const y = (xyz[1] ?? 0) * (scale[1] ?? 1) + (offset[1] ?? 0);
    const z = (xyz[2] ?? 0) * (scale[2] ?? 1) + (offset[2] ?? 0);
    light[0] = m0 * x + m1 * y + m2 * z;
    light[1] = m3 * x + m4 * y + m5 * z;
    light[2] = m6 * x + m7 * y + m8 * z;
    return light;
  };
}

/** What each axis is multiplied by, and what is added then, so that black becomes 0 and white stays. */
function blackPoint(table: InkTable, positions: readonly Float64Array[], top: number): [number[], number[]] {
  const black = table.isVersion4 ? version4Black : darkest(table, positions, top);
  const scale = white.map((full, axis) => full / (full - (black[axis] ?? 0)));
  return [scale, scale.map((factor, axis) => -factor * (black[axis] ?? 0))];
}

/** All inks in full, as a neutral colour of that lightness and at most L* 50 (cmssamp.c, `BlackPointAsDarkerColorant`). */
function darkest(table: InkTable, positions: readonly Float64Array[], top: number): number[] {
  const inks = Float64Array.from(positions, (position) => position[top] ?? 0);
  const xyz = new Float64Array(3);
  const values = new Float64Array(3);
  createEvaluator(table)(inks, values);
  table.toXyz(values, xyz);
  const halfLightness = ((50 + 16) / 116) ** 3;
  const luminance = Math.min(Math.max(xyz[1] ?? 0, 0), halfLightness);
  return white.map((full) => full * luminance);
}
