/** Decides how a photo's colours travel: what the decoder does, what is converted after the look, what is tagged. Pure. */
import type { OutputConfig } from '../../bridge/contract/develop-config.ts';
import { type NamedColour, profileColour } from '../metadata/profiles.ts';
import type { Header } from '../pipeline/header.ts';
import { dataSpace, isSoundProfile, parseGreyProfile, parseMatrixProfile } from './icc-matrix.ts';
import { type Curve, type RgbSpace, rgbSpaces } from './rgb-space.ts';

export type ColourPlan = {
  /** Decode without the profile: the pixels stay exactly as they are in the file. */
  ignoreProfile: boolean;
  /** Tone curve of grey pixels that the decoder does not convert itself. */
  greyCurve: Curve | null;
  /** The space to move the sRGB pixels into after the look; null leaves them. */
  convertTo: RgbSpace | null;
  /** The profile to embed: one of our own, or (`keep`) the source's. */
  embed: OutputConfig['colour'];
  /** What the pixels end up in, for the tags that name it. */
  names: NamedColour | 'other';
  warnings: string[];
};

type Source = Pick<Header, 'model' | 'depth' | 'profile' | 'metadata'>;

export function planColour(source: Source, wanted: OutputConfig['colour'], hasLook: boolean): ColourPlan {
  const profile = usableProfile(source);
  const own = profile === null ? null : profileColour(profile);
  const plan: ColourPlan = {
    // An sRGB profile says what is assumed anyway; converting would only add rounding errors.
    ignoreProfile: profile === null || own === 'srgb',
    greyCurve: greyCurve(source),
    convertTo: null,
    embed: wanted === 'keep' ? 'srgb' : wanted,
    names: wanted === 'keep' ? 'srgb' : wanted,
    warnings: profileWarnings(source, profile),
  };
  const isOther = source.model === 'rgb' && profile !== null && own !== 'srgb';
  if (isOther && !hasLook && (wanted === 'keep' || wanted === own)) return passThrough(plan, own);
  if (wanted === 'keep') return isOther ? backToSource(plan, profile, own) : keepImpossible(plan, source);
  if (wanted !== 'srgb') plan.convertTo = rgbSpaces[wanted];
  return plan;
}

/** Without a look the source's own pixels are the most faithful answer. */
function passThrough(plan: ColourPlan, own: NamedColour | null): ColourPlan {
  return { ...plan, ignoreProfile: true, embed: 'keep', names: own ?? 'other' };
}

function backToSource(plan: ColourPlan, profile: Buffer, own: NamedColour | null): ColourPlan {
  const space = parseMatrixProfile(profile);
  if (space !== null) return { ...plan, convertTo: space, embed: 'keep', names: own ?? 'other' };
  plan.warnings.push("The source's colour profile works one way only: the output is in sRGB.");
  return plan;
}

function keepImpossible(plan: ColourPlan, source: Source): ColourPlan {
  if (source.model === 'cmyk' || source.model === 'lab') {
    plan.warnings.push(`The source is ${source.model.toUpperCase()}: the output is in sRGB.`);
  }
  return plan;
}

const modelSpaces = { rgb: 'RGB ', grey: 'GRAY', cmyk: 'CMYK', lab: 'Lab ' } as const;

/** The embedded profile, if it is of the pixels' own colour model. */
function usableProfile({ profile, model }: Source): Buffer | null {
  const isUsable = profile !== null && isSoundProfile(profile) && dataSpace(profile) === modelSpaces[model];
  return isUsable ? profile : null;
}

function profileWarnings({ profile }: Source, usable: Buffer | null): string[] {
  return profile !== null && usable === null
    ? ['The embedded colour profile is damaged or not one for this picture; it was not used.']
    : [];
}

/** sharp leaves 16-bit grey pixels in their profile's own tone curve. */
function greyCurve({ model, depth, profile }: Source): Curve | null {
  return model === 'grey' && depth === 16 && profile !== null ? parseGreyProfile(profile) : null;
}
