/** Names what is left of a Lightroom file when all that can be honoured has been read, in words a photographer knows. */
import { oldControls } from './process-version.ts';
import type { CrsValue } from './settings.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Facts about the file, the camera or the program; they develop nothing. */
const facts = [
  /^(Name|Group|ShortName|SortName|Description|UUID|Cluster|Copyright|ContactInfo|PresetType|PresetSubtype)$/,
  /^(Version|CompatibleVersion|ProcessVersion|CurrentVersion|HasSettings|AlreadyApplied|Stubbed|AllowFilters)$/,
  /^(Supports\w*|Requires\w*|CameraModelRestriction|CameraProfileDigest|CameraConfig|RawFileName)$/,
  /^(Amount|Timestamp|Look|Table_[0-9A-F]{32}|GrainSeed|GrainSharpness|DefaultsSpecific_\w+|AsShot\w*)$/i,
  /^(Enable\w+|Default(Auto)?\w+Specific|OverrideLookVignette|ToggleStyle\w*|UprightVersion|UprightCenter\w*)$/,
  /^(Upright(Transform|Focal|PreviewTransform|FourSegments|Guided|DependentDigest)\w*|CropConstrainTo\w*|CropUnit\w*)$/,
  /^(LensProfile(Setup|Name|Filename|Digest|MatchKey\w*|IsEmbedded)|LensProfile\w*Scale|LensManualDistortionAmount0)$/,
  /^(HDRMaxValue|SDR(Blend|Brightness|Clarity|Contrast|Highlights|Shadows|Whites)|ToneCurvePV2012Name|PointColorsVersion)$/,
  /^(VignetteMidpoint|ChromaticAberrationVersion|AutoWhiteVersion|AutoToneDigest\w*|MaskGroupBasedCorrectionsVersion)$/,
];

/** What the names mean to a photographer; `neutral`: a further text under which nothing was asked for. */
const features: readonly (readonly [names: RegExp, words: string, neutral?: RegExp])[] = [
  [
    /^(MaskGroupBasedCorrections|(Paint|Gradient|CircularGradient)BasedCorrections)$/,
    'masks and local adjustments',
  ],
  [/^(RetouchInfo|RetouchAreas|RedEyeInfo|RemoveObjects?\w*)$/, 'spot removal and red eye'],
  [
    /^(LensProfileEnable|AutoLateralCA|LensManualDistortionAmount|VignetteAmount|ChromaticAberration[RB])$/,
    'lens corrections',
  ],
  [/^Defringe$/, 'lens corrections'],
  [/^Perspective(Scale)$/, 'transform', /^100$/],
  [/^(Perspective\w+|Upright\w*)$/, 'transform'],
  [/^(HasCrop|CropAngle|CropTop|CropLeft)$/, 'crop and straighten'],
  [/^(CropBottom|CropRight)$/, 'crop and straighten', /^1(\.0*)?$/],
  [/^Crop\w*$/, 'crop and straighten'],
  [/^(PointColors|ColorVariance)$/, 'point colour', /^(-1(\.0+)?[,\s]*)+$/],
  [/^LensBlur$/, 'lens blur'],
  [/^HDREditMode$/, 'HDR editing'],
  [/^CurveRefineSaturation$/, 'refine saturation of the tone curve', /^100$/],
  [
    /^(AutoTone\w*|AutoExposure|AutoContrast|AutoBrightness|AutoShadows|AutoWhites?|AutoBlacks?)$/,
    'automatic tone',
  ],
  [/^AutoGrayscale\w*$/, 'automatic black and white mix'],
  [/^(Enhance\w*|DenoiseAI\w*|Denoise\w*)$/, 'AI denoise and enhance'],
  [/^(AI\w*|Adaptive\w*)$/, 'adaptive settings'],
  [/^(FilterList|Filters)$/, 'filters'],
];

export function readUnsupported(reader: SettingsReader, isOld: boolean): void {
  const asked = new Set<string>();
  for (const [setting, value] of reader.rest()) {
    if (facts.some((pattern) => pattern.test(setting))) continue;
    if (!isOld && oldControls.includes(setting)) continue;
    if (isOld && /2012/.test(setting)) continue;
    const feature = features.find(([names]) => names.test(setting));
    if (isNeutral(value, feature?.[2])) continue;
    asked.add(feature === undefined ? `unknown setting ${setting.slice(0, 60)}` : feature[1]);
  }
  reader.unsupported.push(...asked);
}

/** Absent, zero, no, empty: in a list or structure all of it. */
function isNeutral(value: CrsValue, neutral?: RegExp): boolean {
  if (typeof value === 'string') {
    const text = value.trim();
    return /^([+-]?0*(\.0*)?|false|none|off)$/i.test(text) || neutral?.test(text) === true;
  }
  if (value instanceof Map) {
    if (value.has('Active')) return isNeutral(value.get('Active') ?? '');
    return [...value.values()].every((member) => isNeutral(member, neutral));
  }
  return (value as readonly CrsValue[]).every((member) => isNeutral(member, neutral));
}
