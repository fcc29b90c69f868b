/** Frames of the WebSocket `/ws` in both directions. */
import { z } from 'zod';
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
