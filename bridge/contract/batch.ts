/** Batches on the wire: start body, status object, item result and the other batch routes' bodies. */
import { z } from 'zod';
import { failureCodeSchema, failureSchema, outputSchema } from './failure.ts';
import {
  DEFAULT_PAGE,
  MAX_NAME_LENGTH,
  MAX_PAGE,
  MAX_PATH_LENGTH,
  MAX_PHOTOS_PER_BATCH,
  MAX_TEXT_LENGTH,
  MIN_PAGE,
} from './limits.ts';
import { webhookSchema } from './webhook.ts';

export const batchStatuses = ['pending', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export const batchStatusSchema = z.enum(batchStatuses);
export type BatchStatus = z.infer<typeof batchStatusSchema>;

export const itemStatuses = ['pending', 'in_flight', 'processed', 'failed', 'skipped'] as const;
export const itemStatusSchema = z.enum(itemStatuses);
export type ItemStatus = z.infer<typeof itemStatusSchema>;

export const operationNames = ['develop', 'captions', 'listings', 'content'] as const;
export const operationNameSchema = z.enum(operationNames);
export type OperationName = z.infer<typeof operationNameSchema>;

export const batchIdSchema = z.string().regex(/^batch_[0-9a-f]{12}$/);
export const timestampSchema = z.iso.datetime({ offset: true });

/** Owner of a hold: one of the fixed owners or `client:<name>`. */
export const holdOwnerSchema = z
  .string()
  .regex(/^(user|cpu|memory|storage|battery|schedule|dependency|safe_mode|executor|client:[\s\S]{1,100})$/);
export const holdSchema = z.object({
  owner: holdOwnerSchema,
  reason: z.string(),
  since: z.string(),
  until: z.string().optional(),
});
export type Hold = z.infer<typeof holdSchema>;

/** The caller's own id of a photo, given back in results. */
export const refSchema = z.union([z.string().max(MAX_NAME_LENGTH), z.number()]);
export type Ref = z.infer<typeof refSchema>;

/** What an operation says of an item beside its status: texts, numbers, yes or no. */
export const itemDetailsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null()]),
);
export type ItemDetails = z.infer<typeof itemDetailsSchema>;

const photoIdSchema = z.int();
const absolutePath = z.string().min(1).max(MAX_PATH_LENGTH);
const prioritySchema = z.int().min(1).max(10);

export const runWindowSchema = z.strictObject({
  /** `HH:MM`, local time of `time_zone`; an end before its start passes midnight. */
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  time_zone: z.string().max(64).optional(),
});
export type RunWindow = z.infer<typeof runWindowSchema>;

export const startBodySchema = z.strictObject({
  photo_ids: z.array(photoIdSchema).min(1).max(MAX_PHOTOS_PER_BATCH).optional(),
  photos: z
    .array(z.strictObject({ path: absolutePath, ref: refSchema.optional() }))
    .min(1)
    .max(MAX_PHOTOS_PER_BATCH)
    .optional(),
  select: z
    .strictObject({ folder: absolutePath, glob: z.string().max(MAX_NAME_LENGTH).optional() })
    .optional(),
  /** Of operations whose items are no photos: the items themselves, or the absolute path of a file that has them. */
  items: z.array(z.unknown()).min(1).max(MAX_PHOTOS_PER_BATCH).optional(),
  file: absolutePath.optional(),
  session_id: z.int().nullable().optional(),
  config: z.record(z.string(), z.unknown()).nullable().optional(),
  operation: operationNameSchema.default('develop'),
  priority: prioritySchema.default(5),
  start_at: timestampSchema.optional(),
  depends_on: z.array(batchIdSchema).max(100).optional(),
  on_unknown: z.enum(['fail', 'fail_item']).default('fail'),
  run_window: runWindowSchema.optional(),
  webhook: webhookSchema.optional(),
});
export type StartBody = z.infer<typeof startBodySchema>;

export const pauseBodySchema = z.strictObject({
  mode: z.enum(['soft', 'hard']).default('soft'),
  until: timestampSchema.optional(),
  reason: z.string().max(MAX_TEXT_LENGTH).optional(),
});
export type PauseBody = z.infer<typeof pauseBodySchema>;

/** Routes that take no body accept `{}`. */
export const noBodySchema = z.strictObject({});

export const retryFailedBodySchema = z.strictObject({
  codes: z.array(failureCodeSchema).min(1).max(100).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
});
export const priorityBodySchema = z.strictObject({ priority: prioritySchema });
const clientName = z.string().min(1).max(100);
export const placeHoldBodySchema = z.strictObject({
  client: clientName,
  reason: z.string().max(MAX_TEXT_LENGTH),
  lease_s: z.number().positive().max(86_400),
});
export const liftHoldBodySchema = z.strictObject({ client: clientName });
export const mergeBodySchema = z.strictObject({ batch_ids: z.array(batchIdSchema).min(2).max(1000) });
export const cleanupBodySchema = z.strictObject({
  days_old: z.number().min(0).max(1_000_000).default(7),
  dry_run: z.boolean().default(false),
});

/** `limit` outside 1..1000 is clamped from above, refused from below. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(MIN_PAGE)
    .default(DEFAULT_PAGE)
    .transform((limit) => Math.min(limit, MAX_PAGE)),
  cursor: z.string().max(MAX_NAME_LENGTH).optional(),
};
export const statusQuerySchema = z.strictObject({
  wait_s: z.coerce.number().min(0).max(30).default(0),
  since: z.coerce.number().int().min(0).optional(),
});
export const batchLogQuerySchema = z.strictObject({ since: z.coerce.number().int().min(0).default(0) });
export const batchListQuerySchema = z.strictObject({ status: batchStatusSchema.optional(), ...pageQuery });
export const batchPhotosQuerySchema = z.strictObject({ status: itemStatusSchema.optional(), ...pageQuery });

/** The status object: the seed's keys first, then ours. `processed + failed + in_flight + pending = total`, always. */
export const batchStatusObjectSchema = z.object({
  batch_id: batchIdSchema,
  session_id: z.int().nullable(),
  status: batchStatusSchema,
  total_photos: z.int(),
  processed_count: z.int(),
  failed_count: z.int(),
  progress_percent: z.number(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  paused_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  operation: operationNameSchema,
  priority: prioritySchema,
  pending_count: z.int(),
  in_flight_count: z.int(),
  skipped_count: z.int(),
  holds: z.array(holdSchema),
  backoff: z.object({ limit: z.int(), capacity: z.int(), reason: z.string() }).nullable(),
  eta_seconds: z.number().nullable(),
  photos_per_minute: z.number().nullable(),
  failure_codes: z.record(z.string(), z.int()),
  warnings_count: z.int(),
  warnings: z.array(z.string()).optional(),
  start_at: z.string().optional(),
  depends_on: z.array(z.string()).optional(),
  /** Of the completion webhook: `waiting` for the end, on its way (`pending`), or what became of it. Its address is not shown. */
  webhook: z
    .object({ state: z.enum(['waiting', 'pending', 'delivered', 'given_up']), reason: z.string().optional() })
    .optional(),
  error: z.string().optional(),
  recovered: z.boolean().optional(),
  seq: z.int(),
});
export type BatchStatusObject = z.infer<typeof batchStatusObjectSchema>;

/** `GET /batch/{id}`. `config`: as it was sent. */
export const batchDetailSchema = batchStatusObjectSchema.extend({
  config: z.record(z.string(), z.unknown()).nullable(),
});
export type BatchDetail = z.infer<typeof batchDetailSchema>;

export const itemResultSchema = z.object({
  photo_id: z.int(),
  ref: refSchema.optional(),
  path: z.string().nullable(),
  status: itemStatusSchema,
  attempts: z.int(),
  started_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  output: outputSchema.optional(),
  failure: failureSchema.optional(),
  engine: z.string().optional(),
  details: itemDetailsSchema.optional(),
  warnings: z.array(z.string()),
});
export type ItemResult = z.infer<typeof itemResultSchema>;

/** What `POST /batch/plan` says of one item. */
export const planItemSchema = z.object({
  /** Null: the file has no id yet; a start would give it one. */
  photo_id: z.int().nullable(),
  path: z.string().nullable(),
  action: z.enum(['write', 'overwrite', 'skip', 'fail', 'compare']),
  output_path: z.string().nullable(),
  failure: failureSchema.optional(),
});
export type PlanItem = z.infer<typeof planItemSchema>;
