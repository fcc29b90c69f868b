/** The native JSON preset: Lightroom's vocabulary and ranges. Every control is optional; absent means neutral. */
import { z } from 'zod';
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from './limits.ts';

const slider = z.number().min(-100).max(100);
const amount = z.number().min(0).max(100);
const fringeAmount = z.number().min(0).max(20);
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

export const profilePrimaries = ['srgb', 'adobe-rgb', 'prophoto', 'display-p3', 'rec2020'] as const;
export const profileCurves = ['linear', 'srgb', 'gamma-1.8', 'gamma-2.2', 'rec2020'] as const;
/** 32 divisions: the most that Adobe's tables have. */
const MAX_TABLE_TEXT = 4 * Math.ceil((32 ** 3 * 6) / 3);
const profileSchema = z
  .strictObject({
    name: z.string().max(MAX_NAME_LENGTH).optional(),
    /** Percent of the table. */
    amount: z.number().min(0).max(200).optional(),
    primaries: z.enum(profilePrimaries),
    curve: z.enum(profileCurves),
    /** Colours the primaries cannot say: cut off, or carried past the table. */
    outside: z.enum(['clip', 'extend']),
    dimensions: z.union([z.literal(1), z.literal(3)]),
    divisions: z.int().min(2).max(4096),
    /** Base64 of 16-bit little-endian numbers: r, g, b of each node, the red index fastest. */
    samples: z.string().max(MAX_TABLE_TEXT),
  })
  .refine(
    ({ dimensions, divisions, samples }) =>
      samples.length === 4 * Math.ceil((divisions ** dimensions * 6) / 3),
    'samples must be divisions ^ dimensions colours',
  );

/** 36 x 32 x 16: the most that Adobe's tables have. */
export const MAX_HUE_TABLE_ENTRIES = 18_432;
const hueTableSchema = z
  .strictObject({
    name: z.string().max(MAX_NAME_LENGTH).optional(),
    /** Percent of the table. */
    amount: z.number().min(0).max(200).optional(),
    /** Of the value axis. */
    encoding: z.enum(['linear', 'srgb']),
    hues: z.int().min(1).max(MAX_HUE_TABLE_ENTRIES),
    saturations: z.int().min(1).max(MAX_HUE_TABLE_ENTRIES),
    values: z.int().min(1).max(MAX_HUE_TABLE_ENTRIES),
    /** Base64 of 32-bit little-endian floats: degrees of hue, factor on saturation, factor on value; saturation fastest, then hue. */
    samples: z.string().max(16 * MAX_HUE_TABLE_ENTRIES),
  })
  .refine(
    ({ hues, saturations, values, samples }) => samples.length === 16 * hues * saturations * values,
    'samples must be hues * saturations * values entries',
  );

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
  /**
   * White balance by the light the photo is taken to have been shot in, kelvin and Lightroom's tint: 5500 K and +10 (daylight) change
   * nothing, less makes the picture bluer.
   */
  white_balance: z
    .strictObject({
      temperature: z.number().min(2000).max(50_000).optional(),
      tint: z.number().min(-150).max(150).optional(),
    })
    .optional(),
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
    .strictObject({
      luminance: amount.optional(),
      colour: amount.optional(),
      /** Of the luminance step; 50 when absent. */
      detail: amount.optional(),
      /** Of the luminance step; 0 when absent. */
      contrast: amount.optional(),
      /** 50 when absent, both. */
      colour_detail: amount.optional(),
      colour_smoothness: amount.optional(),
    })
    .optional(),
  vignette: z
    .strictObject({
      amount: slider.optional(),
      midpoint: amount.optional(),
      roundness: slider.optional(),
      feather: amount.optional(),
      /** What is spared: bright places, their colours, or nothing (plain black or white on top). `highlights` when absent. */
      style: z.enum(['highlights', 'colour', 'paint']).optional(),
      /** How much bright places are spared by a dark vignette; 0 when absent. Without effect for `paint`. */
      highlights: amount.optional(),
    })
    .optional(),
  grain: z
    .strictObject({ amount: amount.optional(), size: amount.optional(), roughness: amount.optional() })
    .optional(),
  /** Colour fringes on edges. Hues 0..100 as in Lightroom: purple 30 to 70, green 40 to 60 when absent. */
  defringe: z
    .strictObject({
      purple_amount: fringeAmount.optional(),
      purple_hue_from: amount.optional(),
      purple_hue_to: amount.optional(),
      green_amount: fringeAmount.optional(),
      green_hue_from: amount.optional(),
      green_hue_to: amount.optional(),
    })
    .optional(),
  profile: profileSchema.optional(),
  hue_table: hueTableSchema.optional(),
});
export type ColourProfile = z.infer<typeof profileSchema>;
export type HueTable = z.infer<typeof hueTableSchema>;
export type NativePreset = z.infer<typeof nativePresetSchema>;
