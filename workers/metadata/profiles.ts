/** The colour profiles outputs are tagged with, and the recogniser for profiles of sources. Converts no pixels. */
import { buildProfile, type ToneCurve } from './icc-builder.ts';
import { readMatrixProfile } from './icc-reader.ts';
import type { OutputColour } from './types.ts';

export type NamedColour = Exclude<OutputColour, 'keep'>;

/** IEC 61966-2-1. */
const srgbCurve: ToneCurve = { type: 3, parameters: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] };
/** Adobe RGB (1998) Color Image Encoding, 4.3.1.2: 2 + 51/256. */
const adobeCurve: ToneCurve = { type: 0, parameters: [563 / 256] };
const srgbPrimaries = { red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] } as const;
const p3Primaries = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] } as const;
const adobePrimaries = { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] } as const;

const profiles: Record<NamedColour, Buffer> = {
  srgb: buildProfile({ description: 'sRGB', curve: srgbCurve, primaries: srgbPrimaries }),
  'display-p3': buildProfile({ description: 'Display P3', curve: srgbCurve, primaries: p3Primaries }),
  'adobe-rgb': buildProfile({
    description: 'Compatible with Adobe RGB (1998)',
    curve: adobeCurve,
    primaries: adobePrimaries,
  }),
};
const srgbGrey = buildProfile({ description: 'Grey, sRGB tone curve', curve: srgbCurve, primaries: null });
const adobeGrey = buildProfile({ description: 'Grey, gamma 2.2', curve: adobeCurve, primaries: null });
const greyProfiles: Record<NamedColour, Buffer> = {
  srgb: srgbGrey,
  'display-p3': srgbGrey,
  'adobe-rgb': adobeGrey,
};

export function srgbProfile(): Buffer {
  return profiles.srgb;
}

export function displayP3Profile(): Buffer {
  return profiles['display-p3'];
}

export function adobeRgbProfile(): Buffer {
  return profiles['adobe-rgb'];
}

/**
 * The profile to embed in an output. `keep`: the source's, or sRGB's when it has none (or one of CMYK or Lab, which no
 * output is in). `attachMetadata` changes it to a grey one where the file is grey.
 */
export function outputProfile(colour: OutputColour, source: Buffer | null): Buffer {
  if (colour !== 'keep') return profiles[colour];
  return fittingProfile(source, false) ?? fittingProfile(source, true) ?? profiles.srgb;
}

/**
 * The profile as a file with these channels can have it: an RGB profile for colour, for grey a grey one. Named spaces
 * change to the profile of the same tone curve; any other that does not fit: null.
 */
export function fittingProfile(icc: Buffer | null, isGrey: boolean): Buffer | null {
  if (icc === null || deviceSpace(icc) === (isGrey ? 'GRAY' : 'RGB ')) return icc;
  if (!isGrey) return icc.equals(srgbGrey) ? profiles.srgb : null;
  const colour = profileColour(icc);
  return colour && greyProfiles[colour];
}

/** ICC.1 7.2.8. */
function deviceSpace(icc: Buffer): string {
  return icc.toString('latin1', 16, 20);
}

/** Which of the named spaces a profile describes (colorants within 0.002 XYZ, curves within 0.002), else null. */
export function profileColour(icc: Buffer): NamedColour | null {
  const read = readMatrixProfile(icc);
  if (read === null) return null;
  const names: readonly NamedColour[] = ['srgb', 'display-p3', 'adobe-rgb'];
  return names.find((name) => isSame(read, readMatrixProfile(profiles[name]) ?? [])) ?? null;
}

export function isSrgbProfile(icc: Buffer): boolean {
  return profileColour(icc) === 'srgb';
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? NaN)) <= 0.002);
}
