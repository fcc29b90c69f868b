/** What opening shadows and bringing back highlights leave of colours, and how smoothly looks run through gradients. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInPresets } from '../../../bridge/presets/built-in/all.ts';
import type { Rgb } from '../../../bridge/presets/colour/rgb.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { shadowsStage } from '../../../bridge/presets/controls/highlights-shadows.ts';
import { createChromaGain } from '../../../bridge/presets/controls/kept-chroma.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';
import { evaluateLook } from '../../../bridge/presets/evaluate-look.ts';
import { anyColour, anyGrey } from './any-preset.ts';

const purity = (rgb: Rgb) => (Math.max(...rgb) - Math.min(...rgb)) / Math.max(...rgb);

describe('highlights down and shadows up', () => {
  const colours: [name: string, rgb: Rgb][] = [
    ['light skin', [0.85, 0.66, 0.56]],
    ['tanned skin', [0.72, 0.5, 0.4]],
    ['dark skin', [0.42, 0.28, 0.22]],
    ['sky', [0.35, 0.55, 0.85]],
    ['leaf', [0.3, 0.45, 0.2]],
  ];
  it.each(colours)('keep at least two thirds of the colour of %s', (_, rgb) => {
    for (const reach of [30, 60, 100]) {
      const shown = developColour({ highlights: -reach, shadows: reach })(rgb);
      expect(purity(shown) / purity(rgb)).toBeGreaterThan(0.66);
      expect(purity(shown) / purity(rgb)).toBeLessThan(1.1);
    }
  });

  it('never take colour away on top of the tone, leave greys and pure colours alone, and stay below a factor of 5', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), anyColour, anyGrey, (shadows, rgb, grey) => {
        const gain = createChromaGain(shadowsStage(shadows));
        expect(gain(rgb)).toBeGreaterThanOrEqual(1);
        expect(gain(rgb)).toBeLessThan(5);
        expect(gain([grey, grey, grey])).toBe(1);
        expect(gain([rgb[0], 0, 0])).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe.each(builtInPresets.map((preset) => [preset.name, preset] as const))('%s', (name, preset) => {
  const ramps: [of: string, from: Rgb, to: Rgb][] = [
    ['grey', [0, 0, 0], [1, 1, 1]],
    ['an evening sky', [0.12, 0.16, 0.35], [0.95, 0.7, 0.55]],
    ['a blue sky', [0.15, 0.35, 0.7], [0.75, 0.88, 0.98]],
    ['skin', [0.25, 0.14, 0.1], [0.98, 0.85, 0.76]],
  ];
  it('runs through gradients without bands: no step is more than five times the source, lighter stays lighter', () => {
    const look = compileLook({ kind: 'native', name, preset });
    const steps = 1024;
    for (const [of, from, to] of ramps) {
      const at = (step: number) => {
        const mix = (channel: 0 | 1 | 2) => from[channel] + ((to[channel] - from[channel]) * step) / steps;
        return evaluateLook(look, [mix(0), mix(1), mix(2)]);
      };
      const most = 5 * (Math.max(...to.map((end, channel) => end - (from[channel] ?? 0))) / steps);
      for (let step = 0; step < steps; step++) {
        const [here, next] = [at(step), at(step + 1)];
        const luma = (rgb: Rgb) => 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
        expect(luma(next), of).toBeGreaterThanOrEqual(luma(here) - 1e-4);
        for (const channel of [0, 1, 2] as const) {
          expect(Math.abs(next[channel] - here[channel]), of).toBeLessThan(most);
        }
      }
    }
  });
});
