/** Every event that leaves the process, as one union; the bus and the WebSocket frames derive from it. */
import { z } from 'zod';
import { batchIdSchema, batchStatusObjectSchema, holdSchema, itemResultSchema } from './batch.ts';

const stamped = { seq: z.int(), timestamp: z.string() };
const batchEvent = <T extends string>(type: T) =>
  z.object({ type: z.literal(type), ...stamped, ...batchStatusObjectSchema.omit({ seq: true }).shape });

export const eventSchema = z.discriminatedUnion('type', [
  batchEvent('batch_started'),
  batchEvent('batch_progress'),
  batchEvent('batch_paused'),
  batchEvent('batch_resumed'),
  batchEvent('batch_cancelled'),
  batchEvent('batch_completed'),
  batchEvent('batch_failed'),
  batchEvent('batch_recovered'),
  batchEvent('batch_cleaned'),
  z.object({
    type: z.literal('photos_settled'),
    ...stamped,
    batch_id: batchIdSchema,
    photos: z.array(itemResultSchema),
  }),
  z.object({
    type: z.literal('hold_placed'),
    ...stamped,
    batch_id: batchIdSchema.optional(),
    hold: holdSchema,
  }),
  z.object({
    type: z.literal('hold_lifted'),
    ...stamped,
    batch_id: batchIdSchema.optional(),
    hold: holdSchema,
  }),
  z.object({
    type: z.literal('limit_changed'),
    ...stamped,
    limit: z.int(),
    capacity: z.int(),
    state: z.string(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('resource_warning'), ...stamped, resource: z.string(), message: z.string() }),
  z.object({ type: z.literal('photos_changed'), ...stamped, added: z.int(), missing: z.int() }),
  z.object({
    type: z.literal('preset_changed'),
    ...stamped,
    preset: z.string(),
    change: z.enum(['added', 'changed', 'removed', 'broken']),
    message: z.string().optional(),
  }),
  z.object({ type: z.literal('settings_changed'), ...stamped, keys: z.array(z.string()) }),
]);
export type BridgeEvent = z.infer<typeof eventSchema>;
export type EventType = BridgeEvent['type'];
/** An event before the log numbers and stamps it. */
export type EventDraft = BridgeEvent extends infer E
  ? E extends BridgeEvent
    ? Omit<E, 'seq' | 'timestamp'>
    : never
  : never;
export type BatchLifecycleType = Extract<EventType, `batch_${string}`>;
