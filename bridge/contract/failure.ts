/** Why an item failed: the closed list of codes, and the outcome of one attempt as a value. */
import { z } from 'zod';

export const failureCodes = [
  'source_missing',
  'source_unreadable',
  'source_changed',
  'source_too_large',
  'not_an_image',
  'unsupported_format',
  'damaged_image',
  'decoder_crash',
  'timeout',
  'out_of_memory',
  'preset_invalid',
  'output_exists',
  'output_not_writable',
  'output_full',
  'cancelled',
  'internal',
  /** The item itself cannot be used: a field is missing or out of its bounds. */
  'invalid_item',
  /** What the item names is not there, or is somebody else's. */
  'not_found',
  /** The other side looked at it and will not have it. */
  'rejected',
  /** The other side could not be reached, or was in trouble. */
  'unreachable',
  /** It was done, and a look afterwards did not show it. */
  'not_verified',
  /** Cut off where nobody can tell whether it was done: never tried again by itself. */
  'unconfirmed',
] as const;
export const failureCodeSchema = z.enum(failureCodes);
export type FailureCode = z.infer<typeof failureCodeSchema>;

/** Where in the pipeline an attempt ended. */
export const failureStages = ['claim', 'read', 'decode', 'develop', 'encode', 'write', 'run'] as const;
export const failureStageSchema = z.enum(failureStages);
export type FailureStage = z.infer<typeof failureStageSchema>;

export const failureSchema = z.object({
  code: failureCodeSchema,
  message: z.string(),
  stage: failureStageSchema,
  retryable: z.boolean(),
});
export type Failure = z.infer<typeof failureSchema>;

export const outputFormats = ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const;
export const outputFormatSchema = z.enum(outputFormats);
export type OutputFormat = z.infer<typeof outputFormatSchema>;

/** A finished output file. `bytes` = file size; `sha256` = lowercase hex of the file. */
export const outputSchema = z.object({
  path: z.string(),
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  format: outputFormatSchema,
  sha256: z.string(),
});
export type Output = z.infer<typeof outputSchema>;
