/** What the routes answer when they do as asked, beside the status object and the item result. One schema for each shape. */
import { z } from 'zod';
import { batchStatusObjectSchema, batchStatusSchema, itemResultSchema, planItemSchema } from './batch.ts';
import { eventSchema } from './events.ts';
import { photoSchema, presetSummarySchema } from './photos.ts';

const count = z.int().min(0);

export const startAnswerSchema = z.object({
  message: z.string(),
  batch_id: z.string(),
  photo_count: count,
  warnings: z.array(z.string()).optional(),
});
export type StartAnswer = z.infer<typeof startAnswerSchema>;

export const actionAnswerSchema = z.object({
  message: z.string(),
  batch_id: z.string(),
  status: batchStatusSchema,
});
export type ActionAnswer = z.infer<typeof actionAnswerSchema>;

/** Of a change that is no seed route: the message and the whole status object. */
export const changeAnswerSchema = z.object({ message: z.string(), ...batchStatusObjectSchema.shape });
export type ChangeAnswer = z.infer<typeof changeAnswerSchema>;

export const batchListSchema = z.object({
  batches: z.array(batchStatusObjectSchema),
  count,
  next_cursor: z.string().optional(),
});
export type BatchList = z.infer<typeof batchListSchema>;

export const itemPageSchema = z.object({
  photos: z.array(itemResultSchema),
  next_cursor: z.string().nullable(),
});
export type ItemPage = z.infer<typeof itemPageSchema>;

export const recoverAnswerSchema = z.object({
  message: z.string(),
  recovered_count: count,
  failed_count: count,
  timestamp: z.string(),
  batches: z.array(z.object({ batch_id: z.string(), remaining_count: count, in_flight_count: count })),
  quarantined: z.array(z.object({ file: z.string(), reason: z.string() })),
});
export type RecoverAnswer = z.infer<typeof recoverAnswerSchema>;

export const cleanupAnswerSchema = z.object({
  message: z.string(),
  cleaned_count: count,
  days_old: z.number().min(0),
  dry_run: z.boolean(),
  batch_ids: z.array(z.string()),
});
export type CleanupAnswer = z.infer<typeof cleanupAnswerSchema>;

export const planAnswerSchema = z.object({
  items: z.array(planItemSchema),
  counts: z.object({ write: count, overwrite: count, skip: count, fail: count, compare: count }),
  warnings: z.array(z.string()),
});
export type PlanAnswer = z.infer<typeof planAnswerSchema>;

export const batchLogLineSchema = z.object({
  seq: z.int(),
  timestamp: z.string(),
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  photo_id: z.int().optional(),
});
export const batchLogAnswerSchema = z.object({ lines: z.array(batchLogLineSchema) });
export type BatchLogAnswer = z.infer<typeof batchLogAnswerSchema>;

export const addPhotosAnswerSchema = z.object({
  photos: z.array(z.object({ photo_id: z.int(), path: z.string() })),
  added_count: count,
  rejected: z.array(z.object({ path: z.string(), reason: z.string() })).optional(),
});
export type AddPhotosAnswer = z.infer<typeof addPhotosAnswerSchema>;

export const photoPageSchema = z.object({
  photos: z.array(photoSchema),
  count,
  next_cursor: z.string().nullable(),
});
export type PhotoPage = z.infer<typeof photoPageSchema>;

export const presetListSchema = z.object({ presets: z.array(presetSummarySchema), count });
export type PresetList = z.infer<typeof presetListSchema>;

export const daemonStates = ['starting', 'ready', 'safe_mode', 'read_only', 'stopping'] as const;
export const readyAnswerSchema = z.object({
  status: z.literal('ok'),
  ready: z.boolean(),
  state: z.enum(daemonStates),
  reason: z.string().nullable(),
});
export type ReadyAnswer = z.infer<typeof readyAnswerSchema>;
export const healthAnswerSchema = readyAnswerSchema.extend({ live: z.boolean() });
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;

export const versionAnswerSchema = z.object({
  version: z.string(),
  api: z.string(),
  node: z.string(),
  sharp: z.string().nullable(),
  libvips: z.string().nullable(),
});
export type VersionAnswer = z.infer<typeof versionAnswerSchema>;

export const eventsAnswerSchema = z.object({
  events: z.array(eventSchema),
  seq: z.int(),
  resync: z.literal(true).optional(),
  oldest: z.int().optional(),
});
export type EventsAnswer = z.infer<typeof eventsAnswerSchema>;
