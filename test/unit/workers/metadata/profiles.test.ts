import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMatrixProfile } from '../../../../workers/metadata/icc-reader.ts';
import {
  adobeRgbProfile,
  displayP3Profile,
  fittingProfile,
  isSrgbProfile,
  outputProfile,
  profileColour,
  srgbProfile,
} from '../../../../workers/metadata/profiles.ts';
import { damaged } from './blocks.ts';

/** Published D50 colorants: sRGB v4 (color.org), Display P3 (Apple), Adobe RGB (1998) specification. */
const published = [
  ['sRGB', srgbProfile(), [0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141]],
  [
    'Display P3',
    displayP3Profile(),
    [0.5151, 0.2412, -0.0011, 0.292, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841],
  ],
  ['Adobe RGB', adobeRgbProfile(), [0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446]],
] as const;

describe('built profiles', () => {
  it.each(published)('%s has the published colorants', (_name, profile, colorants) => {
    const read = readMatrixProfile(profile) ?? [];
    colorants.forEach((value, i) => {
      expect(read[i]).toBeCloseTo(value, 3);
    });
  });

  it.each(published)('%s says its own length and is below 600 bytes', (_name, profile) => {
    expect(profile.readUInt32BE(0)).toBe(profile.length);
    expect(profile.length).toBeLessThan(600);
  });

  it('are told apart', () => {
    expect(profileColour(srgbProfile())).toBe('srgb');
    expect(profileColour(displayP3Profile())).toBe('display-p3');
    expect(profileColour(adobeRgbProfile())).toBe('adobe-rgb');
    expect(isSrgbProfile(displayP3Profile())).toBe(false);
  });
});

describe('the profile of an output', () => {
  it('is the named one, or with "keep" the source\'s', () => {
    expect(outputProfile('adobe-rgb', srgbProfile())).toBe(adobeRgbProfile());
    expect(outputProfile('keep', adobeRgbProfile())).toBe(adobeRgbProfile());
    expect(outputProfile('keep', null)).toBe(srgbProfile());
  });

  it("is sRGB when the source's is for inks", () => {
    const cmyk = Buffer.from(srgbProfile());
    cmyk.write('CMYK', 16, 'latin1');
    expect(outputProfile('keep', cmyk)).toBe(srgbProfile());
  });

  it('becomes a grey one for a grey file, and back', () => {
    const grey = fittingProfile(srgbProfile(), true);
    expect(grey?.toString('latin1', 16, 20)).toBe('GRAY');
    expect(fittingProfile(grey, false)).toBe(srgbProfile());
    expect(fittingProfile(srgbProfile(), false)).toBe(srgbProfile());
  });
});

describe('a damaged profile', () => {
  it('never throws', () => {
    const property = fc.property(damaged(srgbProfile()), (icc) => {
      profileColour(icc);
      fittingProfile(icc, true);
      outputProfile('keep', icc);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
