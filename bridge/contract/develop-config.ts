/** The config of a `develop` batch (photo-processing.md, "Config of a develop batch"), with its defaults. */
import { z } from 'zod';
import { outputFormatSchema } from './failure.ts';
import { MAX_NAME_LENGTH, MAX_PATH_LENGTH } from './limits.ts';
import { nativePresetSchema } from './native-preset.ts';

const edge = z.int().min(1).max(65_500);

export const conflictPolicies = ['unique', 'fail', 'skip', 'overwrite', 'if-changed'] as const;
export const metadataPolicies = ['keep', 'strip', 'copyright'] as const;
export const outputColours = ['srgb', 'keep', 'display-p3', 'adobe-rgb'] as const;

export const outputConfigSchema = z.strictObject({
  /** Absolute folder; default `data/outputs/{batch_id}`. */
  folder: z.string().min(1).max(MAX_PATH_LENGTH).optional(),
  /** Name template without extension: `{name} {ext} {id} {seq} {date} {time} {preset} {blend} {batch} {folder} {suffix}`. */
  name: z.string().min(1).max(MAX_NAME_LENGTH).default('{name}{suffix}'),
  suffix: z.string().max(MAX_NAME_LENGTH).default(''),
  format: outputFormatSchema.default('jpeg'),
  quality: z.int().min(1).max(100).default(90),
  chroma: z.enum(['4:2:0', '4:4:4']).default('4:2:0'),
  /** Encoder effort, 0 fastest; each format maps it to its own scale. Absent: the encoder's fast default. */
  effort: z.int().min(0).max(9).optional(),
  bit_depth: z.union([z.literal(8), z.literal(16)]).optional(),
  long_edge: edge.optional(),
  width: edge.optional(),
  height: edge.optional(),
  megapixels: z.number().positive().max(200).optional(),
  enlarge: z.boolean().default(false),
  sharpen: z.enum(['screen', 'print', 'none']).default('none'),
  colour: z.enum(outputColours).default('srgb'),
  metadata: z.enum(metadataPolicies).default('keep'),
  on_conflict: z.enum(conflictPolicies).default('unique'),
});
export type OutputConfig = z.infer<typeof outputConfigSchema>;

export const developConfigSchema = z.strictObject({
  preset: z.union([z.string().min(1).max(MAX_NAME_LENGTH), nativePresetSchema]).optional(),
  /** Percent of the look mixed into the photo; 0 = source pixels, 100 = the whole look. */
  blend: z.number().min(0).max(100).default(100),
  output: outputConfigSchema.prefault({}),
});
export type DevelopConfig = z.infer<typeof developConfigSchema>;
