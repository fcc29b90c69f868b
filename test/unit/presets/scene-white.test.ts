/** White balance in kelvin: the light's colour against published values, and which way pictures go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greyOf } from '../../../bridge/presets/colour/luminance.ts';
import { times } from '../../../bridge/presets/colour/matrix.ts';
import { fromSrgb, matrixToXyz, primariesOf } from '../../../bridge/presets/colour/primaries.ts';
import { toChromaticity } from '../../../bridge/presets/controls/scene-white.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';

const kelvin = fc.double({ min: 2000, max: 50_000, noNaN: true });
const tint = fc.double({ min: -150, max: 150, noNaN: true });
const ratio = (temperature: number, tintOf = 10) => {
  const [red, green, blue] = developColour({ white_balance: { temperature, tint: tintOf } })([
    0.05, 0.05, 0.05,
  ]);
  return { warmth: red / blue, magenta: (red + blue) / 2 / green };
};

describe('toChromaticity', () => {
  // CIE 15:2004, tables T.3 and 11.1: D55, D65, and illuminant A on the Planckian locus.
  it.each([
    [{ temperature: 5503, tint: 9.7 }, [0.33242, 0.34743]],
    [{ temperature: 6504, tint: 9.7 }, [0.31272, 0.32903]],
    [{ temperature: 2856, tint: 0 }, [0.44758, 0.40745]],
  ])('of %j is what CIE has', (white, [x, y]) => {
    const found = toChromaticity(white);
    expect(Math.hypot(found[0] - x!, found[1] - y!)).toBeLessThan(0.0005);
  });
});

describe('white_balance', () => {
  it('of daylight changes nothing', () => {
    expect(developColour({ white_balance: { temperature: 5500, tint: 10 } })([0.2, 0.5, 0.9])).toEqual(
      developColour({})([0.2, 0.5, 0.9]),
    );
    expect(developColour({ white_balance: {} })([0.2, 0.5, 0.9])).toEqual(
      [0.2, 0.5, 0.9].map((v) => expect.closeTo(v, 12)),
    );
  });

  it('makes the picture bluer the fewer kelvins there are', () => {
    fc.assert(
      fc.property(kelvin, kelvin, (a, b) => {
        fc.pre(Math.abs(a - b) > 1);
        expect(ratio(Math.min(a, b)).warmth).toBeLessThanOrEqual(ratio(Math.max(a, b)).warmth);
      }),
    );
    expect(ratio(4500).warmth).toBeLessThan(0.95);
    expect(ratio(7500).warmth).toBeGreaterThan(1.1);
  });

  it('makes the picture more magenta the higher the tint', () => {
    fc.assert(
      fc.property(fc.double({ min: 4500, max: 10_000, noNaN: true }), tint, tint, (temperature, a, b) => {
        fc.pre(Math.abs(a - b) > 1);
        expect(ratio(temperature, Math.min(a, b)).magenta).toBeLessThan(
          ratio(temperature, Math.max(a, b)).magenta,
        );
      }),
    );
  });

  it('keeps the luminance of grey, and gives finite colours anywhere', () => {
    fc.assert(
      fc.property(kelvin, tint, (temperature, tintOf) => {
        const rgb = developColour({ white_balance: { temperature, tint: tintOf } })([0.25, 0.25, 0.25]);
        expect(rgb.every(Number.isFinite)).toBe(true);
        if (temperature > 4000) expect(greyOf(rgb)).toBeCloseTo(0.25, 6);
      }),
    );
  });
});

describe('primaries', () => {
  it('give the matrices of the standards', () => {
    // IEC 61966-2-1, annex; Adobe RGB (1998), 4.3.5.3.
    expect(matrixToXyz(primariesOf.srgb)[1].map((v) => Number(v.toFixed(4)))).toEqual([
      0.2126, 0.7152, 0.0722,
    ]);
    expect(matrixToXyz(primariesOf['adobe-rgb'])[0].map((v) => Number(v.toFixed(3)))).toEqual([
      0.577, 0.186, 0.188,
    ]);
  });

  it('take white to white', () => {
    for (const name of Object.keys(primariesOf) as (keyof typeof primariesOf)[]) {
      for (const value of times(fromSrgb(name), [1, 1, 1])) expect(value).toBeCloseTo(1, 9);
    }
  });
});
