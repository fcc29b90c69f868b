/**
 * The batch state file: the seed's 15 keys, then ours with the prefix `_`. A file without `_schema` is the seed's own
 * form. Unknown keys are carried through. `_sum` (last key, written and checked by the store) is the CRC-32 of all before it.
 */
import { z } from 'zod';
import { batchStatusSchema, holdSchema, operationNameSchema, refSchema, runWindowSchema } from './batch.ts';
import { failureCodeSchema } from './failure.ts';
import { recipeSchema } from './recipe.ts';

export const STATE_SCHEMA = 1;

const ids = z.array(z.int());
const time = z.string().nullable();

export const stateFileSchema = z.looseObject({
  batch_id: z.string().regex(/^batch_[0-9a-zA-Z_-]{1,64}$/),
  session_id: z.int().nullable().default(null),
  photo_ids: ids,
  processed_photo_ids: ids.default([]),
  failed_photo_ids: ids.default([]),
  status: batchStatusSchema,
  created_at: z.string(),
  started_at: time.default(null),
  paused_at: time.default(null),
  completed_at: time.default(null),
  total_photos: z.int().optional(),
  processed_count: z.int().optional(),
  failed_count: z.int().optional(),
  config: z.record(z.string(), z.unknown()).nullable().default(null),
  task_ids: z.array(z.unknown()).default([]),

  _schema: z.int().optional(),
  /** Journal seq of the last record this file contains. */
  _seq: z.int().optional(),
  /** Journal seq of its `created` record: batches are ordered by it, whatever the clock said. */
  _created_seq: z.int().optional(),
  _operation: operationNameSchema.optional(),
  _priority: z.int().optional(),
  /** Item indices, by what the three id lists cannot say. */
  _skipped: ids.optional(),
  /** `[item index, attempts]` where attempts is not what the status implies (settled: 1, pending: 0). */
  _attempts: z.array(z.tuple([z.int(), z.int()])).optional(),
  /** `[item index, host crashes]`, only for suspects (also those with none); never forgotten. */
  _crashes: z.array(z.tuple([z.int(), z.int()])).optional(),
  /** `[item index, attempt, output name]` of claims open when the file was written. */
  _claims: z.array(z.tuple([z.int(), z.int(), z.string()])).optional(),
  /** Item indices of the failed ones by code. */
  _failures: z.partialRecord(failureCodeSchema, ids).optional(),
  _refs: z.array(refSchema.nullable()).optional(),
  /** Items that go together, as the sizes of all groups in order; absent: each goes alone. */
  _units: z.array(z.int().min(1)).optional(),
  _holds: z.array(holdSchema).optional(),
  _warnings: z.array(z.string()).optional(),
  _warnings_count: z.int().optional(),
  _error: z.string().optional(),
  _start_at: z.string().optional(),
  _depends_on: z.array(z.string()).optional(),
  _run_window: runWindowSchema.optional(),
  _on_unknown: z.enum(['fail', 'fail_item']).optional(),
  _recipe: recipeSchema.optional(),
  _recipe_hash: z.string().optional(),
  /** Where the named outputs lie, when a retry moved later ones elsewhere (their results hold whole paths). */
  _results_folder: z.string().optional(),
  /** The batches this one took over; they end cancelled. */
  _merged_from: z.array(z.string()).optional(),
  _idempotency: z.object({ key: z.string(), hash: z.string(), at: z.string() }).optional(),
  /** Who is told of the end. `told.end`: the `completed_at` of the end that was told, or that it was given up for. */
  _webhook: z
    .object({
      url: z.string(),
      told: z.object({ end: z.string(), delivered: z.boolean(), reason: z.string().optional() }).optional(),
    })
    .optional(),
  /** Interrupted by a crash or stop and not yet reported by `POST /batch/recover`. */
  _interrupted: z.object({ in_flight: z.int(), at: z.string() }).optional(),
});
export type StateFile = z.infer<typeof stateFileSchema>;
