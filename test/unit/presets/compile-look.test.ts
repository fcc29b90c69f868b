/** A compiled Look against the mathematics it stands for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativePreset } from '../../../bridge/contract/index.ts';
import { builtInPresets } from '../../../bridge/presets/built-in/all.ts';
import type { Rgb } from '../../../bridge/presets/colour/rgb.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';
import { evaluateLook } from '../../../bridge/presets/evaluate-look.ts';
import { CURVE_ENTRIES } from '../../../bridge/presets/look.ts';
import { anyPreset, modestPreset } from './any-preset.ts';
import { createColours } from './colours.ts';

const compile = (preset: NativePreset) => compileLook({ kind: 'native', name: 'test', preset });

/** Differences of shown values in levels of 255. */
function measure(preset: NativePreset, count: number): { worst: number; mean: number; at: Rgb } {
  const look = compile(preset);
  const develop = developColour(preset);
  let worst = 0;
  let sum = 0;
  let at: Rgb = [0, 0, 0];
  for (const rgb of createColours(count)) {
    const exact = develop(rgb);
    const shown = evaluateLook(look, rgb);
    for (const channel of [0, 1, 2] as const) {
      const error = 255 * Math.abs(shown[channel] - Math.min(1, Math.max(0, exact[channel])));
      sum += error;
      if (error > worst) {
        worst = error;
        at = rgb;
      }
    }
  }
  return { worst, mean: sum / (3 * count), at };
}

describe('compileLook', () => {
  it.each(builtInPresets.map((preset) => [preset.name, preset] as const))(
    '%s stays within 0.6 level of the mathematics on 200,000 colours',
    (_, preset) => {
      const { worst, mean, at } = measure(preset, 200_000);
      expect(worst, `worst at ${at.join(' ')}`).toBeLessThanOrEqual(0.6);
      expect(mean).toBeLessThanOrEqual(0.1);
    },
  );

  it('stays within 1 level for presets as people make them', () => {
    fc.assert(
      fc.property(modestPreset(40), (preset) => {
        const { worst, mean } = measure(preset, 4000);
        expect(worst).toBeLessThanOrEqual(1);
        expect(mean).toBeLessThanOrEqual(0.3);
      }),
      { numRuns: 20, seed: 1, endOnFailure: true },
    );
  });

  it('stays close on the mean even for the wildest legal preset', () => {
    // Only the mean: a point curve may be all but a step, and after a tone stage a table can but smear a step over a cell.
    fc.assert(
      fc.property(anyPreset, (preset) => {
        expect(measure(preset, 2000).mean).toBeLessThanOrEqual(0.5);
      }),
      { numRuns: 20, seed: 1, endOnFailure: true },
    );
  });

  it('is as good as exact for light, white balance and point curves of any shape, which need no table', () => {
    const presets: NativePreset[] = [
      { exposure: 1.7, temperature: 40, tint: -20 },
      { tone_curve: { points: [[0, 255], [255, 0]] } }, // biome-ignore format: points read as a row
      { tone_curve: { points: [[20, 0], [128, 140], [230, 255]], blue: [[0, 30], [255, 220]] } }, // biome-ignore format: points read as a row
    ];
    for (const preset of presets) expect(measure(preset, 20_000).worst).toBeLessThanOrEqual(0.1);
  });

  it('gives the plain identity for a neutral preset', () => {
    const look = compile({});
    expect(look.curves).toBeNull();
    expect(measure({}, 5000).worst).toBeLessThan(1e-4);
  });

  it('gives tables of the promised shape with finite numbers for every legal preset', () => {
    fc.assert(
      fc.property(anyPreset, (preset) => {
        const { size, lut, curves, hash } = compile(preset);
        expect(lut).toHaveLength(size ** 3 * 3);
        expect([33, 49, 65]).toContain(size);
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        expect(lut.every((value) => value >= -1 && value <= 2)).toBe(true);
        if (curves === null) return;
        expect(curves).toHaveLength(3 * CURVE_ENTRIES);
        expect(curves.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: 15, seed: 1, endOnFailure: true },
    );
  });

  it('needs no more than the default grid for a usual preset', () => {
    const sizes = builtInPresets.map((preset) => compile(preset).size);
    expect(sizes.filter((size) => size > 33).length).toBeLessThan(sizes.length / 3);
  });

  it('names a look by its controls alone', () => {
    const plain = compile({ contrast: 10, hsl: { red: { hue: 5 } } });
    const renamed = compile({ hsl: { red: { hue: 5 } }, name: 'X', description: 'y', contrast: 10 });
    expect(renamed.hash).toBe(plain.hash);
    expect(compile({ contrast: 11 }).hash).not.toBe(plain.hash);
  });
});
