/** Decides how a photo's colours travel: what the decoder does, what is converted after the look, what is tagged. Pure. */
import type { OutputConfig } from '../../bridge/contract/develop-config.ts';
import { adobeRgbProfile, type NamedColour, profileColour } from '../metadata/profiles.ts';
import type { Header } from '../pipeline/header.ts';
import { isAdobeRgbByExif } from './camera-colour.ts';
import { dataSpace, isSoundProfile, parseGreyProfile, parseMatrixProfile } from './icc-matrix.ts';
import { type InkTable, parseInkTable } from './icc-table.ts';
import { type Curve, type RgbSpace, rgbSpaces } from './rgb-space.ts';

/** How the pixels come out of the decoder: by the decoder's own conversion in sRGB, or as the file has them. */
export type DecodedColours =
  | { kind: 'srgb' }
  | { kind: 'grey'; curve: Curve }
  | { kind: 'rgb'; space: RgbSpace }
  | { kind: 'inks'; table: InkTable };

export type ColourPlan = {
  /** Decode without the profile: the pixels stay exactly as they are in the file. */
  ignoreProfile: boolean;
  decoded: DecodedColours;
  /** What the decoded pixels are brought to before the look: sRGB, or at once the output's space when there is none. */
  working: RgbSpace;
  /** The space to move the sRGB pixels into after the look; null leaves them. */
  convertTo: RgbSpace | null;
  /** The profile to embed: one of our own, or (`keep`) the source's. */
  embed: OutputConfig['colour'];
  /** What the pixels end up in, for the tags that name it. */
  names: NamedColour | 'other';
  warnings: string[];
};

type Source = Pick<Header, 'model' | 'depth' | 'profile' | 'metadata' | 'hasAlpha'>;

export function planColour(source: Source, wanted: OutputConfig['colour'], hasLook: boolean): ColourPlan {
  const embedded = usableProfile(source);
  const profile = embedded ?? cameraProfile(source);
  const own = profile === null ? null : profileColour(profile);
  const plan: ColourPlan = {
    // An sRGB profile says what is assumed anyway; converting would only add rounding errors.
    ignoreProfile: profile === null || own === 'srgb',
    decoded: { kind: 'srgb' },
    working: rgbSpaces.srgb,
    convertTo: null,
    embed: wanted === 'keep' ? 'srgb' : wanted,
    names: wanted === 'keep' ? 'srgb' : wanted,
    warnings: profileWarnings(source, embedded),
  };
  const isOther = source.model === 'rgb' && profile !== null && own !== 'srgb';
  // Without a look the source's own pixels are the most faithful answer.
  if (isOther && !hasLook && (wanted === 'keep' || wanted === own))
    return { ...plan, ...asSource(embedded, own), ignoreProfile: true };
  const target = wanted === 'keep' || wanted === 'srgb' ? null : rgbSpaces[wanted];
  // The decoder sees no profile that is not in the file.
  const isOurs = embedded === null || (target !== null && !hasLook);
  plan.decoded = decodedColours(source, own === 'srgb' ? null : profile, isOurs);
  if (plan.decoded.kind !== 'srgb') plan.ignoreProfile = true;
  if (wanted === 'keep') {
    const space = isOther ? parseMatrixProfile(profile) : null;
    return space === null
      ? keepImpossible(plan, source, isOther)
      : { ...plan, ...asSource(embedded, own), convertTo: space };
  }
  const isDirect = !hasLook && plan.decoded.kind !== 'srgb';
  if (target === null) return plan;
  return isDirect ? { ...plan, working: target } : { ...plan, convertTo: target };
}

/**
 * The decoder brings 8-bit RGB well to sRGB, and nothing else: its 16-bit RGB is clipped to Display P3 on the way, what lies
 * beyond sRGB is lost to wider outputs, 16-bit grey is left in its own curve and 8-bit grey has coarse shadows, and inks go
 * through a coarse table.
 */
function decodedColours(source: Source, profile: Buffer | null, isOurs: boolean): DecodedColours {
  const { model, depth, hasAlpha } = source;
  if (profile === null) return { kind: 'srgb' };
  if (model === 'cmyk' && !hasAlpha) {
    const table = parseInkTable(profile);
    if (table !== null) return { kind: 'inks', table };
  }
  if (model === 'rgb' && (depth === 16 || isOurs)) {
    const space = parseMatrixProfile(profile);
    if (space !== null) return { kind: 'rgb', space };
  }
  const curve = model === 'grey' ? parseGreyProfile(profile) : null;
  return curve === null ? { kind: 'srgb' } : { kind: 'grey', curve };
}

/** The output is in the source's own space: by its profile, or by ours for the space that the camera named. */
function asSource(embedded: Buffer | null, own: NamedColour | null): Pick<ColourPlan, 'embed' | 'names'> {
  return { embed: embedded === null ? (own ?? 'srgb') : 'keep', names: own ?? 'other' };
}

function keepImpossible(plan: ColourPlan, { model }: Source, isOneWay: boolean): ColourPlan {
  if (isOneWay) plan.warnings.push("The source's colour profile works one way only: the output is in sRGB.");
  if (model === 'cmyk' || model === 'lab') {
    plan.warnings.push(`The source is ${model.toUpperCase()}: the output is in sRGB.`);
  }
  return plan;
}

const modelSpaces = { rgb: 'RGB ', grey: 'GRAY', cmyk: 'CMYK', lab: 'Lab ' } as const;

/** The embedded profile, if it is of the pixels' own colour model. */
function usableProfile({ profile, model }: Source): Buffer | null {
  const isUsable = profile !== null && isSoundProfile(profile) && dataSpace(profile) === modelSpaces[model];
  return isUsable ? profile : null;
}

function cameraProfile({ profile, model, metadata }: Source): Buffer | null {
  return profile === null && model === 'rgb' && isAdobeRgbByExif(metadata.exif) ? adobeRgbProfile() : null;
}

function profileWarnings({ profile }: Source, usable: Buffer | null): string[] {
  return profile !== null && usable === null
    ? ['The embedded colour profile is damaged or not one for this picture; it was not used.']
    : [];
}
