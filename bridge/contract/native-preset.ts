/** The native JSON preset: Lightroom's vocabulary and ranges. Every control is optional; absent means neutral. */
import { z } from 'zod';
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from './limits.ts';

const slider = z.number().min(-100).max(100);
const amount = z.number().min(0).max(100);
const hueAngle = z.number().min(0).max(360);

export const hslBands = ['red', 'orange', 'yellow', 'green', 'aqua', 'blue', 'purple', 'magenta'] as const;
export type HslBand = (typeof hslBands)[number];

const bandShift = z.strictObject({
  hue: slider.optional(),
  saturation: slider.optional(),
  luminance: slider.optional(),
});
/** Curve points in 0..255 (input, output), inputs strictly rising, 2 to 32 of them. */
const curvePoints = z
  .array(z.tuple([z.number().min(0).max(255), z.number().min(0).max(255)]))
  .min(2)
  .max(32)
  .refine(
    (points) =>
      points.every((point, index) => {
        const before = points[index - 1];
        return before === undefined || point[0] > before[0];
      }),
    'tone curve inputs must rise strictly',
  );
const grade = z.strictObject({
  hue: hueAngle.optional(),
  saturation: amount.optional(),
  luminance: slider.optional(),
});
const primary = z.strictObject({ hue: slider.optional(), saturation: slider.optional() });
const perBand = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    red: value.optional(),
    orange: value.optional(),
    yellow: value.optional(),
    green: value.optional(),
    aqua: value.optional(),
    blue: value.optional(),
    purple: value.optional(),
    magenta: value.optional(),
  });

export const nativePresetSchema = z.strictObject({
  $schema: z.string().max(MAX_TEXT_LENGTH).optional(),
  name: z.string().min(1).max(MAX_NAME_LENGTH).optional(),
  description: z.string().max(MAX_TEXT_LENGTH).optional(),
  /** EV, scene-linear. */
  exposure: z.number().min(-5).max(5).optional(),
  contrast: slider.optional(),
  highlights: slider.optional(),
  shadows: slider.optional(),
  whites: slider.optional(),
  blacks: slider.optional(),
  /** Incremental white balance of a rendered photo: -100 blue .. 100 yellow; -100 green .. 100 magenta. */
  temperature: slider.optional(),
  tint: slider.optional(),
  vibrance: slider.optional(),
  saturation: slider.optional(),
  hsl: perBand(bandShift).optional(),
  tone_curve: z
    .strictObject({
      points: curvePoints.optional(),
      red: curvePoints.optional(),
      green: curvePoints.optional(),
      blue: curvePoints.optional(),
      parametric: z
        .strictObject({
          highlights: slider.optional(),
          lights: slider.optional(),
          darks: slider.optional(),
          shadows: slider.optional(),
          shadow_split: z.number().min(10).max(70).optional(),
          midtone_split: z.number().min(20).max(80).optional(),
          highlight_split: z.number().min(30).max(90).optional(),
        })
        .optional(),
    })
    .optional(),
  colour_grading: z
    .strictObject({
      shadows: grade.optional(),
      midtones: grade.optional(),
      highlights: grade.optional(),
      global: grade.optional(),
      balance: slider.optional(),
      blending: amount.optional(),
    })
    .optional(),
  /** Present (even empty) turns the photo monochrome; the values are the mix of each band. */
  monochrome: perBand(slider).optional(),
  calibration: z
    .strictObject({
      shadow_tint: slider.optional(),
      red: primary.optional(),
      green: primary.optional(),
      blue: primary.optional(),
    })
    .optional(),
  clarity: slider.optional(),
  texture: slider.optional(),
  dehaze: slider.optional(),
  sharpening: z
    .strictObject({
      amount: z.number().min(0).max(150).optional(),
      radius: z.number().min(0.5).max(3).optional(),
      detail: amount.optional(),
      masking: amount.optional(),
    })
    .optional(),
  noise_reduction: z
    .strictObject({ luminance: amount.optional(), colour: amount.optional(), detail: amount.optional() })
    .optional(),
  vignette: z
    .strictObject({
      amount: slider.optional(),
      midpoint: amount.optional(),
      roundness: slider.optional(),
      feather: amount.optional(),
    })
    .optional(),
  grain: z
    .strictObject({ amount: amount.optional(), size: amount.optional(), roughness: amount.optional() })
    .optional(),
});
export type NativePreset = z.infer<typeof nativePresetSchema>;
