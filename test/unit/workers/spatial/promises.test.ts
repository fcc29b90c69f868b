/** What every spatial step promises, whatever it does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativePreset } from '../../../../bridge/contract/index.ts';
import { toSpatialSteps } from '../../../../bridge/presets/spatial/spatial-steps.ts';
import { applySteps } from '../../../../workers/spatial/apply-steps.ts';
import { develop, greatestDifference, noiseAt, paint, scene } from './pictures.ts';

const all: [name: string, preset: NativePreset][] = [
  ['clarity', { clarity: 60 }],
  ['negative clarity', { clarity: -60 }],
  ['texture', { texture: 80 }],
  ['negative texture', { texture: -80 }],
  ['dehaze', { dehaze: 50 }],
  ['negative dehaze', { dehaze: -50 }],
  ['sharpening', { sharpening: { amount: 90, radius: 1.4, detail: 60 } }],
  ['masked sharpening', { sharpening: { amount: 90, masking: 60 } }],
  ['luminance noise', { noise_reduction: { luminance: 50, contrast: 30 } }],
  ['colour noise', { noise_reduction: { colour: 60 } }],
  ['defringe', { defringe: { purple_amount: 12, green_amount: 12 } }],
  ['vignette', { vignette: { amount: -60 } }],
  ['light vignette', { vignette: { amount: 50, style: 'colour', roundness: -60 } }],
  ['painted vignette', { vignette: { amount: -50, style: 'paint', roundness: 60 } }],
  ['grain', { grain: { amount: 50 } }],
];
const everything: NativePreset = {
  clarity: 40,
  texture: 30,
  dehaze: 20,
  sharpening: { amount: 60 },
  noise_reduction: { luminance: 20, colour: 30 },
  defringe: { purple_amount: 5 },
  vignette: { amount: -30 },
  grain: { amount: 20 },
};
const together = [...all, ['everything', everything] as const];

describe.each(together)('%s', (_, preset) => {
  it('keeps grey grey to the last bit', () => {
    for (const depth of [8, 16] as const) {
      const grey = paint((x, y) => scene(x, y)[1], { depth });
      const { data } = develop(grey, preset);
      for (let at = 0; at < data.length; at += 3) {
        expect(data[at]).toBe(data[at + 1]);
        expect(data[at]).toBe(data[at + 2]);
      }
    }
  });

  it('changes the picture, and the same at 8 and 16 bits, with alpha and without; alpha stays', () => {
    const size = { width: 1000, height: 24 };
    const source = paint(scene, size);
    const shown = develop(source, preset);
    expect(greatestDifference(shown, source)).toBeGreaterThan(0);
    const deep = develop({ ...source, data: Uint16Array.from(source.data, (value) => value * 257) }, preset);
    const reduced = Uint8Array.from(deep.data, (value) => Math.round(value / 257));
    // Where the loops differ (8-bit RGB in 32-bit floats), a tie may be rounded to its other side.
    expect(greatestDifference({ ...deep, data: reduced }, shown)).toBeLessThanOrEqual(1);
    const clear = paint(scene, { ...size, channels: 4 });
    const withAlpha = develop(clear, preset);
    const colours = withAlpha.data.filter((_value, at) => at % 4 !== 3);
    expect(greatestDifference({ ...shown, data: colours }, shown)).toBeLessThanOrEqual(1);
    const alpha = (data: typeof clear.data) => data.filter((_value, at) => at % 4 === 3);
    expect(alpha(withAlpha.data)).toEqual(alpha(clear.data));
  });

  it('blends linearly between the source and the whole, within a level', () => {
    const source = paint(scene);
    const whole = develop(source, preset);
    for (const blend of [1, 25, 60, 99]) {
      const wanted = source.data.map((value, at) => {
        return Math.round(value + (blend / 100) * (whole.data[at]! - value));
      });
      const mixed = develop(source, preset, { blend });
      expect(greatestDifference(mixed, { ...source, data: wanted })).toBeLessThanOrEqual(1);
    }
  });

  it('gives the same in bands of any height as in one piece', () => {
    const source = paint(scene, { width: 61, height: 157 });
    const whole = develop(source, preset, { bandRows: 1000 });
    for (const bandRows of [4, 12, 40]) {
      expect(greatestDifference(develop(source, preset, { bandRows }), whole)).toBe(0);
    }
  });

  it('is the same in WebAssembly and plain TypeScript, but for ties that are rounded otherwise', () => {
    for (const width of [1, 6, 61, 1003]) {
      for (const depth of [8, 16] as const) {
        const source = paint(scene, { width, height: 29, depth });
        const [fast, plain] = [develop(source, preset), develop(source, preset, { isPlain: true })];
        expect(greatestDifference(fast, plain)).toBeLessThanOrEqual(1);
        const others = fast.data.filter((value, at) => value !== plain.data[at]);
        expect(others.length / fast.data.length).toBeLessThan(depth === 8 ? 0.002 : 0.2);
      }
    }
  });

  it('takes pictures of any size, also smaller than its radius', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, fc.constantFrom(0.01, 0.3, 1, 9), (width, height, scale) => {
        const shown = develop(
          paint(() => 0.5, { width, height }),
          preset,
          { scale },
        );
        expect(shown.data).toHaveLength(width * height * 3);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a flat picture', () => {
  const still = all.filter(
    ([name]) => !name.includes('vignette') && name !== 'grain' && name !== 'negative dehaze',
  );
  it.each(still)('is left alone by %s, in any colour', (_, preset) => {
    const value = fc.integer({ min: 1, max: 254 }).map((level) => level / 255);
    fc.assert(
      fc.property(value, value, value, (red, green, blue) => {
        const flat = paint(() => (preset.dehaze ? red : [red, green, blue]), { width: 40, height: 30 });
        expect(greatestDifference(develop(flat, preset), flat)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

it('the same photo gives the same bytes, another seed other grain', () => {
  const source = paint(() => 0.5);
  const first = develop(source, everything, { seed: 3 });
  expect(develop(source, everything, { seed: 3 }).data).toEqual(first.data);
  expect(develop(source, everything, { seed: 4 }).data).not.toEqual(first.data);
});

it('colours come first, each pixel once, whatever the bands', () => {
  const source = paint((x, y) => 0.3 + 0.2 * noiseAt(x, y), { width: 50, height: 90 });
  const invert = (bytes: Uint8Array | Uint16Array) => {
    for (const [at, value] of bytes.entries()) bytes[at] = 255 - value;
  };
  const inverted = { ...source, data: source.data.map((value) => 255 - value) };
  const preset = { clarity: 30, sharpening: { amount: 50 } };
  const wanted = develop(inverted, preset);
  expect(greatestDifference(develop(source, preset, { colour: invert, bandRows: 8 }), wanted)).toBe(0);
  // What a decoder answers: a Buffer, whose methods differ from an array's.
  const pixels = { ...source, data: Buffer.from(source.data) };
  const job = { steps: toSpatialSteps(preset), colour: invert, blend: 100, scale: 1, seed: 7 };
  applySteps({ pixels, ...job });
  expect(greatestDifference(pixels, wanted)).toBe(0);
});
