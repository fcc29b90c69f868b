/** Generators of legal presets and colours for the property tests. */
import fc from 'fast-check';
import { hslBands, type NativePreset } from '../../../bridge/contract/index.ts';
import type { Rgb } from '../../../bridge/presets/colour/rgb.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const slider = (reach: number) => number(-reach, reach);
const group = <T extends Record<string, fc.Arbitrary<unknown>>>(members: T) =>
  fc.record(members, { requiredKeys: [] });
const bands = <T>(value: fc.Arbitrary<T>) => group(Object.fromEntries(hslBands.map((band) => [band, value])));

/** Points of a curve that never falls. */
export const risingPoints = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 2, maxLength: 8 }),
    fc.array(number(0, 255), { minLength: 8, maxLength: 8 }),
  )
  .map(([xs, ys]) => {
    const heights = ys.toSorted((a, b) => a - b);
    return xs.toSorted((a, b) => a - b).map((x, i): [number, number] => [x, heights[i] ?? 255]);
  });

/** Sliders of tone that stay within `reach` (100 = all that is legal). */
export const toneSliders = (reach: number) =>
  group({
    contrast: slider(reach),
    highlights: slider(reach),
    shadows: slider(reach),
    whites: slider(reach),
    blacks: slider(reach),
  });

export const parametricCurve = group({
  highlights: slider(100),
  lights: slider(100),
  darks: slider(100),
  shadows: slider(100),
  shadow_split: number(10, 70),
  midtone_split: number(20, 80),
  highlight_split: number(30, 90),
});

/** Controls of colour that stay within `reach`. */
export const colourControls = (reach: number) => {
  const grade = group({ hue: number(0, 360), saturation: number(0, reach), luminance: slider(reach) });
  const primary = group({ hue: slider(reach), saturation: slider(reach) });
  return group({
    temperature: slider(reach),
    tint: slider(reach),
    vibrance: slider(reach),
    saturation: slider(reach),
    hsl: bands(group({ hue: slider(reach), saturation: slider(reach), luminance: slider(reach) })),
    colour_grading: group({
      shadows: grade,
      midtones: grade,
      highlights: grade,
      global: grade,
      balance: slider(100),
      blending: number(0, 100),
    }),
    monochrome: fc.option(bands(slider(reach)), { nil: undefined, freq: 6 }),
    calibration: group({ shadow_tint: slider(reach), red: primary, green: primary, blue: primary }),
  });
};

/** Any legal preset that moves colours, curves of any shape and exposure up to five stops included. */
export const anyPreset: fc.Arbitrary<NativePreset> = fc
  .tuple(
    group({
      exposure: slider(5),
      white_balance: group({ temperature: number(2000, 50_000), tint: slider(150) }),
    }),
    toneSliders(100),
    colourControls(100),
    group({ points: risingPoints, red: risingPoints, blue: risingPoints, parametric: parametricCurve }),
  )
  .map(([light, tone, colour, tone_curve]) => ({ ...light, ...tone, ...colour, tone_curve }) as NativePreset);

/** A preset as people make them: exposure within a stop, sliders up to `reach`, no wild curves. */
export const modestPreset = (reach: number): fc.Arbitrary<NativePreset> =>
  fc
    .tuple(group({ exposure: slider(1) }), toneSliders(reach), colourControls(reach))
    .map((parts) => Object.assign({}, ...parts) as NativePreset);

export const anyColour: fc.Arbitrary<Rgb> = fc.tuple(number(0, 1), number(0, 1), number(0, 1));
export const anyGrey = number(0, 1);
