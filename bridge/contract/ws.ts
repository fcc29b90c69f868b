/** Frames of the WebSocket `/ws` in both directions. */
import { z } from 'zod';
import { batchStatusObjectSchema } from './batch.ts';
import { MAX_CHANNELS, MAX_NAME_LENGTH } from './limits.ts';

const channels = z.array(z.string().min(1).max(MAX_NAME_LENGTH)).min(1).max(MAX_CHANNELS);
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({
    type: z.literal('register'),
    client_type: z.string().max(MAX_NAME_LENGTH).optional(),
    client_name: z.string().max(MAX_NAME_LENGTH).optional(),
  }),
  z.strictObject({ type: z.literal('subscribe'), channels, since: z.int().min(0).optional() }),
  z.strictObject({ type: z.literal('unsubscribe'), channels }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;
export const fixedChannels = ['batches', 'photos', 'system', 'queue'] as const;

/** Frames of the daemon that are no events. */
export const serverFrameSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('connection_established'),
    client_id: z.string(),
    server_time: z.string(),
    seq: z.int(),
  }),
  z.object({ type: z.literal('pong'), timestamp: z.string() }),
  z.object({
    type: z.literal('registration_confirmed'),
    client_id: z.string(),
    client_type: z.string().nullable(),
    client_name: z.string().nullable(),
    timestamp: z.string(),
  }),
  z.object({ type: z.literal('subscription_confirmed'), channels: z.array(z.string()) }),
  z.object({ type: z.literal('unsubscription_confirmed'), channels: z.array(z.string()) }),
  /**
   * The whole status of one batch as it is now: after a subscription, or in place of skipped progress. Its `seq` is the
   * status's own; events before it may still follow, so it is no position to reconnect from.
   */
  z.object({ type: z.literal('batch_snapshot'), timestamp: z.string(), ...batchStatusObjectSchema.shape }),
  /** Events were missed for good; the snapshots just before it tell what is now. */
  z.object({ type: z.literal('resync'), seq: z.int(), timestamp: z.string() }),
  z.object({
    type: z.literal('error'),
    error: z.string(),
    timestamp: z.string(),
    channels: z.array(z.string()).optional(),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
