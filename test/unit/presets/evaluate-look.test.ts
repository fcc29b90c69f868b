/** The reference reading of a Look. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { evaluateLook, interpolateLook } from '../../../bridge/presets/evaluate-look.ts';
import { CURVE_ENTRIES, type Look } from '../../../bridge/presets/look.ts';
import { anyColour } from './any-preset.ts';

/** A table of two nodes per axis whose colours are a linear function of the place. */
const linear = (node: (red: number, green: number, blue: number) => number[]): Look => ({
  hash: '',
  curves: null,
  size: 2,
  lut: Float32Array.from(
    [0, 1].flatMap((blue) => [0, 1].flatMap((green) => [0, 1].flatMap((red) => node(red, green, blue)))),
  ),
});

describe('evaluateLook', () => {
  it('reads red as the fastest axis', () => {
    const swapped = linear((red, green, blue) => [blue, red, green]);
    expect(evaluateLook(swapped, [0.1, 0.5, 0.9])).toEqual([0.9, 0.1, 0.5].map((v) => expect.closeTo(v, 9)));
  });

  it('clips after interpolation, not before', () => {
    const steep = linear((red) => [2 * red - 1, 3 * red - 1, red]);
    expect(interpolateLook(steep, [0.25, 0, 0])).toEqual([-0.5, -0.25, 0.25]);
    expect(evaluateLook(steep, [0.25, 0, 0])).toEqual([0, 0, 0.25]);
    expect(evaluateLook(steep, [0.75, 0, 0])).toEqual([0.5, 1, 0.75]);
  });

  it('runs the curves first', () => {
    const squares = Float32Array.from(
      { length: 3 * CURVE_ENTRIES },
      (_, i) => ((i % CURVE_ENTRIES) / (CURVE_ENTRIES - 1)) ** 2,
    );
    const look = { ...linear((red, green, blue) => [red, green, blue]), curves: squares };
    for (const value of evaluateLook(look, [0.3, 0.3, 0.3])) expect(value).toBeCloseTo(0.09, 5);
  });

  it('is linear in blend between the source and the whole look', () => {
    const preset = { contrast: 20, shadows: 30, saturation: -40, temperature: 20 };
    const look = compileLook({ kind: 'native', name: 'test', preset });
    fc.assert(
      fc.property(anyColour, fc.double({ min: 0, max: 1, noNaN: true }), (rgb, blend) => {
        const whole = interpolateLook(look, rgb);
        const mixed = evaluateLook(look, rgb, blend);
        for (const channel of [0, 1, 2] as const) {
          const between = rgb[channel] * (1 - blend) + whole[channel] * blend;
          expect(mixed[channel]).toBeCloseTo(Math.min(1, Math.max(0, between)), 12);
        }
        expect(evaluateLook(look, rgb, 0)).toEqual(rgb);
      }),
    );
  });
});
