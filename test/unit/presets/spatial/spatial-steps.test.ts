/** Which spatial steps a preset asks for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativePreset } from '../../../../bridge/contract/index.ts';
import { compileLook } from '../../../../bridge/presets/compile-look.ts';
import { toSpatialSteps } from '../../../../bridge/presets/spatial/spatial-steps.ts';
import { anyFullPreset } from '../camera-raw/any-full-preset.ts';

const order = [
  'colour-noise',
  'luminance-noise',
  'defringe',
  'dehaze',
  'clarity',
  'texture',
  'sharpening',
  'vignette',
  'grain',
];
/** The members of a preset that a step reads. */
const controls: Record<string, (preset: NativePreset) => number | undefined> = {
  'colour-noise': (preset) => preset.noise_reduction?.colour,
  'luminance-noise': (preset) => preset.noise_reduction?.luminance,
  defringe: ({ defringe }) => (defringe?.purple_amount ?? 0) + (defringe?.green_amount ?? 0),
  dehaze: (preset) => preset.dehaze,
  clarity: (preset) => preset.clarity,
  texture: (preset) => preset.texture,
  sharpening: (preset) => preset.sharpening?.amount,
  vignette: (preset) => preset.vignette?.amount,
  grain: (preset) => preset.grain?.amount,
};

describe('the spatial steps of a preset', () => {
  it('are one for each control that is moved, always in the same order', () => {
    fc.assert(
      fc.property(anyFullPreset, (preset) => {
        const wanted = order.filter((kind) => controls[kind]?.(preset));
        expect(toSpatialSteps(preset).map(({ kind }) => kind)).toEqual(wanted);
      }),
    );
  });

  it('are none for colours and for groups whose amount is 0', () => {
    expect(
      toSpatialSteps({ exposure: 1, clarity: 0, vignette: { feather: 9 }, grain: { size: 50 } }),
    ).toEqual([]);
    const look = compileLook({
      kind: 'native',
      name: 'a',
      preset: { contrast: 10, sharpening: { radius: 2 } },
    });
    expect(look).not.toHaveProperty('steps');
  });

  it('take the defaults of Lightroom for what is not said', () => {
    const preset: NativePreset = { sharpening: { amount: 40 }, grain: { amount: 10, size: 5 } };
    const steps = [
      { kind: 'sharpening', amount: 40, radius: 1, detail: 25, masking: 0 },
      { kind: 'grain', amount: 10, size: 5, roughness: 50 },
    ];
    expect(compileLook({ kind: 'native', name: 'a', preset }).steps).toEqual(steps);
  });
});
