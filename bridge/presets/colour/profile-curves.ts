/** The tone curves in which profiles lay out their tables, 0..1 to 0..1. */
import type { profileCurves } from '../../contract/native-preset.ts';
import { solveRising } from './solve-rising.ts';
import { toEncoded, toLinear } from './srgb-transfer.ts';

type Curve = { encode(linear: number): number; decode(encoded: number): number };

const curves: Record<(typeof profileCurves)[number], Curve> = {
  linear: { encode: (value) => value, decode: (value) => value },
  srgb: { encode: toEncoded, decode: toLinear },
  'gamma-1.8': { encode: (value) => value ** (1 / 1.8), decode: (value) => value ** 1.8 },
  'gamma-2.2': createGamma22(),
  rec2020: createRec2020(),
};

export function profileCurve(name: keyof typeof curves): Curve {
  return curves[name];
}

/** Adobe DNG SDK 1.7.1, dng_color_space.cpp: 2.2 with a cubic toe, which starts with a slope of 32 instead of an endless one. */
function createGamma22(): Curve {
  const [x, y, slope] = [0.0034800731, 0.0763027458, 9.9661890075];
  const toe = (value: number) => {
    const t = value / x;
    const rest = 1 - t;
    return 32 * value * rest * rest + (y * (2 - t + rest) - slope * x * rest) * t * t;
  };
  return {
    encode: (value) => (value <= x ? toe(value) : value ** (1 / 2.2)),
    decode: (value) => (value <= y ? solveRising(toe, value, [0, x]) : value ** 2.2),
  };
}

/** Rec. ITU-R BT.2020, table 4, with the 12-bit constants. */
function createRec2020(): Curve {
  const [alpha, beta] = [1.0993, 0.0181];
  return {
    encode: (value) => (value < beta ? 4.5 * value : alpha * value ** 0.45 - (alpha - 1)),
    decode: (value) => (value < 4.5 * beta ? value / 4.5 : ((value + alpha - 1) / alpha) ** (1 / 0.45)),
  };
}
