/** Describes the header that makes a repeated start count once. */
import { z } from 'zod';

export const idempotencyHeader = {
  name: 'Idempotency-Key',
  about: 'The same key with the same body within 24 hours starts it once and answers the same.',
  schema: z.string().min(1).max(255),
  example: 'import-7',
};
