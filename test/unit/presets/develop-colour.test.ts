/** What a photographer may rely on, whatever the sliders say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativePreset } from '../../../bridge/contract/index.ts';
import { greyOf } from '../../../bridge/presets/colour/luminance.ts';
import { toLinear } from '../../../bridge/presets/colour/srgb-transfer.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';
import { anyColour, anyGrey, anyPreset, parametricCurve, risingPoints, toneSliders } from './any-preset.ts';

const neutralPresets: NativePreset[] = [
  {},
  { exposure: 0, contrast: 0, highlights: 0, shadows: 0, whites: 0, blacks: 0 },
  { temperature: 0, tint: 0, vibrance: 0, saturation: 0 },
  { white_balance: { temperature: 5500, tint: 10 } },
  { hsl: { red: { hue: 0, saturation: 0, luminance: 0 }, green: {} }, calibration: { red: { hue: 0 } } },
  { tone_curve: { points: [[0, 0], [90, 90], [255, 255]], parametric: { shadow_split: 40, darks: 0 } } }, // biome-ignore format: points read as a row
  { colour_grading: { shadows: { hue: 200, saturation: 0 }, balance: 40, blending: 10 } },
];

describe('exposure', () => {
  it('doubles linear light with every EV', () => {
    fc.assert(
      fc.property(anyColour, fc.double({ min: -4, max: 0, noNaN: true }), (rgb, exposure) => {
        const dim = developColour({ exposure })(rgb);
        const bright = developColour({ exposure: exposure + 1 })(rgb);
        for (const channel of [0, 1, 2] as const) {
          expect(toLinear(bright[channel])).toBeCloseTo(2 * toLinear(dim[channel]), 9);
        }
      }),
    );
  });

  it('keeps light up to a stop past white', () => {
    const [red] = developColour({ exposure: 1 })([1, 0.5, 0]);
    expect(toLinear(red)).toBeCloseTo(2, 9);
  });

  it('can be brought back by highlights', () => {
    const [lost] = developColour({ exposure: 1 })([0.9, 0.9, 0.9]);
    const [kept] = developColour({ exposure: 1, highlights: -100 })([0.9, 0.9, 0.9]);
    expect(lost).toBeGreaterThan(1);
    expect(kept).toBeLessThan(1);
  });
});

describe('developColour', () => {
  it.each(neutralPresets)('leaves colours alone with neutral sliders: %j', (preset) => {
    const develop = developColour(preset);
    fc.assert(
      fc.property(anyColour, (rgb) => {
        const result = develop(rgb);
        for (const channel of [0, 1, 2] as const) {
          expect(Math.abs(result[channel] - rgb[channel])).toBeLessThan(1 / 1023);
        }
      }),
    );
  });

  it('gives finite values between -1 and 2 for every legal preset', () => {
    fc.assert(
      fc.property(anyPreset, fc.array(anyColour, { minLength: 20, maxLength: 20 }), (preset, colours) => {
        const develop = developColour(preset);
        for (const value of [...colours, [0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 0, 1]] as const) {
          for (const part of develop([value[0] ?? 0, value[1] ?? 0, value[2] ?? 0])) {
            expect(Number.isFinite(part) && part >= -1 && part <= 2).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps grey grey unless white balance, grading, a tint or a channel curve moves', () => {
    fc.assert(
      fc.property(anyPreset, anyGrey, (preset, grey) => {
        const { temperature, tint, white_balance, colour_grading, calibration, tone_curve, ...rest } = preset;
        const develop = developColour({
          ...rest,
          calibration: { ...calibration, shadow_tint: 0 },
          tone_curve: { points: tone_curve?.points, parametric: tone_curve?.parametric },
        });
        const [red, green, blue] = develop([grey, grey, grey]);
        expect(Math.max(Math.abs(red - green), Math.abs(blue - green))).toBeLessThan(1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it('gives greys only for a monochrome preset', () => {
    fc.assert(
      fc.property(anyPreset, anyColour, (preset, rgb) => {
        const { colour_grading: _, ...rest } = preset;
        const [red, green, blue] = developColour({ ...rest, monochrome: preset.monochrome ?? {} })(rgb);
        expect([green, blue]).toEqual([red, red]);
      }),
    );
  });

  it('never makes a lighter grey darker than a darker one with rising tone curves', () => {
    const tones = fc.tuple(
      fc.double({ min: -5, max: 5, noNaN: true }),
      toneSliders(100),
      fc.option(risingPoints),
      parametricCurve,
    );
    fc.assert(
      fc.property(tones, ([exposure, tone, points, parametric]) => {
        const tone_curve = { parametric, ...(points === null ? {} : { points }) };
        const develop = developColour({ exposure, ...tone, tone_curve } as NativePreset);
        let before = -Infinity;
        for (let level = 0; level <= 255; level++) {
          const [value] = develop([level / 255, level / 255, level / 255]);
          expect(value).toBeGreaterThanOrEqual(before - 1e-12);
          before = value;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order of channels under tone sliders', () => {
    fc.assert(
      fc.property(toneSliders(100), anyColour, (tone, rgb) => {
        const result = developColour(tone as NativePreset)(rgb);
        const order = (values: readonly number[]) =>
          [0, 1, 2].toSorted((a, b) => rgb[a]! - rgb[b]! || a - b).map((i) => values[i]!);
        const sorted = order(result);
        expect(sorted[0]).toBeLessThanOrEqual(sorted[1]! + 1e-12);
        expect(sorted[1]).toBeLessThanOrEqual(sorted[2]! + 1e-12);
      }),
    );
  });

  it('changes smoothly: a tiny step in never is a leap out', () => {
    const modest: NativePreset = {
      contrast: 40,
      shadows: 40,
      vibrance: 40,
      hsl: {
        red: { hue: 60, luminance: 40 },
        magenta: { hue: -60, saturation: -60 },
        green: { saturation: 80 },
      },
      colour_grading: { shadows: { hue: 220, saturation: 60 }, blending: 0 },
    };
    const develop = developColour(modest);
    fc.assert(
      fc.property(anyColour, (rgb) => {
        const step = 1e-4;
        const near = develop([rgb[0] + step, rgb[1] + step / 2, rgb[2] - step]);
        const here = develop(rgb);
        for (const channel of [0, 1, 2] as const) {
          expect(Math.abs(near[channel] - here[channel])).toBeLessThan(20 * step);
        }
      }),
    );
  });

  it('turns to the grey of equal luminance at saturation -100', () => {
    fc.assert(
      fc.property(anyColour, (rgb) => {
        for (const value of developColour({ saturation: -100 })(rgb))
          expect(value).toBeCloseTo(greyOf(rgb), 9);
      }),
    );
  });
});

describe('sliders go the way their names say', () => {
  const grey = (preset: NativePreset, level: number) => developColour(preset)([level, level, level])[0];
  const cases: [name: keyof NativePreset, level: number][] = [
    ['shadows', 0.25],
    ['highlights', 0.75],
    ['whites', 0.95],
    ['blacks', 0.05],
    ['contrast', 0.75],
    ['exposure', 0.5],
  ];
  it.each(cases)('%s up lightens and down darkens its tones', (name, level) => {
    const reach = name === 'exposure' ? 1 : 60;
    expect(grey({ [name]: reach }, level)).toBeGreaterThan(level + 0.01);
    expect(grey({ [name]: -reach }, level)).toBeLessThan(level - 0.01);
  });

  it('temperature up warms a grey, tint up makes it magenta, and neither changes its luminance', () => {
    const warm = developColour({ temperature: 50 })([0.5, 0.5, 0.5]);
    expect(warm[0]).toBeGreaterThan(warm[1]);
    expect(warm[1]).toBeGreaterThan(warm[2]);
    const magenta = developColour({ tint: 50 })([0.5, 0.5, 0.5]);
    expect(magenta[1]).toBeLessThan(Math.min(magenta[0], magenta[2]));
    for (const balanced of [warm, magenta]) expect(greyOf(balanced)).toBeCloseTo(0.5, 6);
  });

  it('a hue band acts on its own hue and not on the opposite one', () => {
    const develop = developColour({ hsl: { blue: { saturation: -100 } } });
    const [red, , blue] = develop([0.2, 0.2, 0.8]);
    expect(blue - red).toBeLessThan(0.1);
    expect(develop([0.8, 0.7, 0.1])).toEqual(
      developColour({ hsl: {} })([0.8, 0.7, 0.1]).map((v) => expect.closeTo(v, 9)),
    );
  });
});
