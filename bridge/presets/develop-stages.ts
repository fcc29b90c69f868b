/** Takes a native preset apart into the stages it runs through, in order. Evaluates nothing; leaves neutral stages out. */
import type { NativePreset } from '../contract/native-preset.ts';
import type { ColourStage, Rgb, ToneStage } from './colour/rgb.ts';
import { solveRising } from './colour/solve-rising.ts';
import { toEncoded } from './colour/srgb-transfer.ts';
import { calibrationStage } from './controls/calibration.ts';
import { colourGradingStage } from './controls/colour-grading.ts';
import { contrastStage } from './controls/contrast.ts';
import { exposureGain } from './controls/exposure.ts';
import { highlightsStage, shadowsStage } from './controls/highlights-shadows.ts';
import { hslStage } from './controls/hsl.ts';
import { hueTableStage } from './controls/hue-table.ts';
import { type ChromaGain, createChromaGain } from './controls/kept-chroma.ts';
import { monochromeStage } from './controls/monochrome.ts';
import { parametricStage } from './controls/parametric-curve.ts';
import { pointCurveStages } from './controls/point-curves.ts';
import { profileStage } from './controls/profile-table.ts';
import { saturationStage } from './controls/saturation.ts';
import { whiteBalanceGains } from './controls/white-balance.ts';
import { blacksStage, whitesStage } from './controls/whites-blacks.ts';
import { isMoved } from './is-moved.ts';

/** Light is kept up to this encoded value, one stop above white; beyond that it is white whatever follows. */
const LIGHT_LIMIT = 1.36;

export type DevelopStages = {
  /** Exposure and white balance: factors on linear red, green and blue. */
  gains: Rgb;
  /** What the gains give (encoded) is held at this value, where the tone stage reaches its last useful one. */
  limit: number;
  /** Strictly rising, the same for all channels, hue kept. Null: identity. */
  tone: ToneStage | null;
  /** What the tone stage gives back of the colour it takes. Null: nothing. */
  chromaGain: ChromaGain | null;
  /** Any shape, one channel at a time. Null: identity. */
  points: readonly [ToneStage, ToneStage, ToneStage] | null;
  /** Everything in which channels meet. */
  colour: readonly ColourStage[];
};

export function toDevelopStages(preset: NativePreset): DevelopStages {
  const exposure = exposureGain(preset.exposure);
  const [red, green, blue] = whiteBalanceGains(preset);
  const gains: Rgb = [red * exposure, green * exposure, blue * exposure];
  const top = toEncoded(Math.max(...gains));
  const tone = toToneStage(preset, top);
  const points = pointCurveStages(preset);
  const lastUseful = points === null ? LIGHT_LIMIT : 1;
  const limit = solveRising(tone ?? ((value) => value), lastUseful, [0, Math.max(top, lastUseful)]);
  const chromaGain = toChromaGain(preset, top);
  return { gains, limit, tone, chromaGain, points, colour: toColourStages(preset) };
}

/** The order of Lightroom's panel: ends and halves of the scale, then contrast, then the curve. */
function toToneStage(preset: NativePreset, top: number): ToneStage | null {
  const stages: ToneStage[] = [];
  if (preset.highlights) stages.push(highlightsStage(preset.highlights, top));
  if (preset.shadows) stages.push(shadowsStage(preset.shadows));
  if (preset.whites) stages.push(whitesStage(preset.whites));
  if (preset.blacks) stages.push(blacksStage(preset.blacks));
  if (preset.contrast) stages.push(contrastStage(preset.contrast));
  const { highlights, lights, darks, shadows, ...splits } = preset.tone_curve?.parametric ?? {};
  if (isMoved({ highlights, lights, darks, shadows })) {
    stages.push(parametricStage({ highlights, lights, darks, shadows, ...splits }));
  }
  if (stages.length === 0) return null;
  return (value) => stages.reduce((t, stage) => stage(t), value);
}

/** For the two sliders that stand for more or less light on a part of the subject, not for the print's contrast. */
function toChromaGain({ highlights = 0, shadows = 0 }: NativePreset, top: number): ChromaGain | null {
  if (highlights >= 0 && shadows <= 0) return null;
  const recover = highlightsStage(Math.min(0, highlights), top);
  const open = shadowsStage(Math.max(0, shadows));
  return createChromaGain((value) => open(recover(value)));
}

function toColourStages(preset: NativePreset): ColourStage[] {
  const stages: ColourStage[] = [];
  if (preset.hue_table !== undefined && preset.hue_table.amount !== 0)
    stages.push(hueTableStage(preset.hue_table));
  // Where the DNG SDK has it: after the tone curve, before the photographer's own colours.
  if (preset.profile !== undefined && preset.profile.amount !== 0) stages.push(profileStage(preset.profile));
  if (isMoved(preset.calibration)) stages.push(calibrationStage(preset.calibration ?? {}));
  if (preset.monochrome !== undefined) {
    stages.push(monochromeStage(preset.monochrome));
  } else {
    if (preset.vibrance || preset.saturation)
      stages.push(saturationStage(preset.vibrance, preset.saturation));
    if (isMoved(preset.hsl)) stages.push(hslStage(preset.hsl ?? {}));
  }
  const { shadows, midtones, highlights, global, ...shape } = preset.colour_grading ?? {};
  const tints = [shadows, midtones, highlights, global];
  if (tints.some((tint) => isMoved({ saturation: tint?.saturation, luminance: tint?.luminance }))) {
    stages.push(colourGradingStage({ shadows, midtones, highlights, global, ...shape }));
  }
  return stages;
}
