/**
 * The spatial steps of a preset: what needs neighbouring pixels or the place in the picture. Types and the reading of a native
 * preset; `workers/spatial/` runs them.
 */
import type { NativePreset } from '../../contract/native-preset.ts';

export type LuminanceNoiseStep = {
  kind: 'luminance-noise';
  /** 0..100, all. */
  amount: number;
  detail: number;
  contrast: number;
};
export type ColourNoiseStep = { kind: 'colour-noise'; amount: number; detail: number; smoothness: number };
/** `amount` 0..20; hues 0..100 on the slider of that fringe. */
export type Fringe = { amount: number; from: number; to: number };
export type DefringeStep = { kind: 'defringe'; purple: Fringe; green: Fringe };
export type DehazeStep = { kind: 'dehaze'; amount: number };
export type ClarityStep = { kind: 'clarity'; amount: number };
export type TextureStep = { kind: 'texture'; amount: number };
export type SharpeningStep = {
  kind: 'sharpening';
  /** 0..150. */
  amount: number;
  /** Pixels of the full-size photo. */
  radius: number;
  detail: number;
  masking: number;
};
export type VignetteStep = {
  kind: 'vignette';
  amount: number;
  midpoint: number;
  roundness: number;
  feather: number;
  style: 'highlights' | 'colour' | 'paint';
  highlights: number;
};
export type GrainStep = { kind: 'grain'; amount: number; size: number; roughness: number };
export type SpatialStep =
  | LuminanceNoiseStep
  | ColourNoiseStep
  | DefringeStep
  | DehazeStep
  | ClarityStep
  | TextureStep
  | SharpeningStep
  | VignetteStep
  | GrainStep;

/** In the order they run. Neutral ones are left out; absent members have Lightroom's defaults. */
export function toSpatialSteps(preset: NativePreset): SpatialStep[] {
  const { dehaze = 0, clarity = 0, texture = 0 } = preset;
  const steps: SpatialStep[] = [...toNoiseSteps(preset), ...toDefringe(preset)];
  if (dehaze !== 0) steps.push({ kind: 'dehaze', amount: dehaze });
  if (clarity !== 0) steps.push({ kind: 'clarity', amount: clarity });
  if (texture !== 0) steps.push({ kind: 'texture', amount: texture });
  const { sharpening, vignette, grain } = preset;
  if (sharpening?.amount) {
    const { amount, radius = 1, detail = 25, masking = 0 } = sharpening;
    steps.push({ kind: 'sharpening', amount, radius, detail, masking });
  }
  if (vignette?.amount) {
    const { amount, midpoint = 50, roundness = 0, feather = 50, highlights = 0 } = vignette;
    const style = vignette.style ?? 'highlights';
    steps.push({ kind: 'vignette', amount, midpoint, roundness, feather, style, highlights });
  }
  if (grain?.amount) {
    const { amount, size = 25, roughness = 50 } = grain;
    steps.push({ kind: 'grain', amount, size, roughness });
  }
  return steps;
}

function toNoiseSteps({ noise_reduction = {} }: NativePreset): SpatialStep[] {
  const { luminance = 0, detail = 50, contrast = 0, colour = 0 } = noise_reduction;
  const { colour_detail = 50, colour_smoothness = 50 } = noise_reduction;
  const steps: SpatialStep[] = [];
  if (colour !== 0) {
    steps.push({
      kind: 'colour-noise',
      amount: colour,
      detail: colour_detail,
      smoothness: colour_smoothness,
    });
  }
  if (luminance !== 0) steps.push({ kind: 'luminance-noise', amount: luminance, detail, contrast });
  return steps;
}

function toDefringe({ defringe }: NativePreset): SpatialStep[] {
  if (!defringe?.purple_amount && !defringe?.green_amount) return [];
  const { purple_amount = 0, purple_hue_from = 30, purple_hue_to = 70 } = defringe;
  const { green_amount = 0, green_hue_from = 40, green_hue_to = 60 } = defringe;
  return [
    {
      kind: 'defringe',
      purple: { amount: purple_amount, from: purple_hue_from, to: purple_hue_to },
      green: { amount: green_amount, from: green_hue_from, to: green_hue_to },
    },
  ];
}
