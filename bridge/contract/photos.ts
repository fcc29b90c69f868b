/** Photos, presets and system routes on the wire. */
import { z } from 'zod';
import { pageQuery } from './batch.ts';
import { MAX_NAME_LENGTH, MAX_PATH_LENGTH } from './limits.ts';
import { nativePresetSchema } from './native-preset.ts';

const path = z.string().min(1).max(MAX_PATH_LENGTH);

export const addPhotosBodySchema = z.union([
  z.strictObject({ paths: z.array(path).min(1).max(100_000), skip_invalid: z.boolean().default(false) }),
  z.strictObject({
    folder: path,
    glob: z.string().max(MAX_NAME_LENGTH).optional(),
    recursive: z.boolean().default(true),
    skip_invalid: z.boolean().default(false),
  }),
]);
export const photoListQuerySchema = z.strictObject({ ...pageQuery });
export const thumbnailQuerySchema = z.strictObject({
  size: z.coerce.number().int().min(16).max(2048).default(256),
});
export const previewBodySchema = z.strictObject({
  preset: z.union([z.string().min(1).max(MAX_NAME_LENGTH), nativePresetSchema]).optional(),
  blend: z.number().min(0).max(100).default(100),
  width: z.int().min(16).max(4096).default(1024),
});

export const photoSchema = z.object({
  photo_id: z.int(),
  path: z.string(),
  added_at: z.string(),
  missing: z.boolean(),
});
export type Photo = z.infer<typeof photoSchema>;

export const presetSummarySchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  source: z.enum(['built-in', 'file']),
  kind: z.enum(['native', 'xmp', 'lrtemplate', 'cube', 'hald']),
  /** The folder of presets that its file says it belongs to. */
  group: z.string().nullable(),
  path: z.string().nullable(),
  /** The last load failed: why. The last good version, if any, stays in use. */
  problem: z.string().nullable(),
});
export type PresetSummary = z.infer<typeof presetSummarySchema>;
export const presetDetailSchema = presetSummarySchema.extend({
  hash: z.string(),
  settings: z.unknown(),
  /** Controls by their names here, and in words what the file asks for beyond them. */
  not_honoured: z.array(z.string()),
  /** What of the file was understood in another way than it stands there. */
  notes: z.array(z.string()),
});
export type PresetDetail = z.infer<typeof presetDetailSchema>;

export const eventsQuerySchema = z.strictObject({
  since: z.coerce.number().int().min(0).optional(),
  timeout_s: z.coerce.number().min(0).max(30).default(25),
  batch_id: z.string().max(64).optional(),
});
