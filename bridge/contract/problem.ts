/** RFC 9457 problem body. `error` repeats `detail` because plugin clients read `error`. */
import { z } from 'zod';

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  error: z.string(),
  instance: z.string().optional(),
  code: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;
