/** Content operations on the wire, in the shape of the seed's content service: camelCase keys. */
import { z } from 'zod';

const contentId = z.union([z.string(), z.number()]);

export const contentOperationTypes = ['update-price', 'remove', 'update-metadata'] as const;

export const contentAcceptedSchema = z.object({
  message: z.string(),
  batchId: z.string(),
  status: z.literal('pending'),
  totalItems: z.int(),
});
export type ContentAccepted = z.infer<typeof contentAcceptedSchema>;

/** `warning`: the change is made, something beside it is not. `timestamp`: ISO UTC. */
export const contentResultSchema = z.union([
  z.object({
    contentId,
    success: z.literal(true),
    message: z.string(),
    timestamp: z.string(),
    warning: z.string().optional(),
  }),
  z.object({ contentId, success: z.literal(false), error: z.string(), timestamp: z.string() }),
]);
export type ContentResult = z.infer<typeof contentResultSchema>;

/** `results`: of the items that are settled, in the order of `contentIds`. */
export const contentOperationSchema = z.object({
  batchId: z.string(),
  creator: z.string(),
  operationType: z.enum(contentOperationTypes),
  status: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']),
  totalItems: z.int(),
  contentIds: z.array(contentId),
  updatePayload: z.record(z.string(), z.unknown()),
  successCount: z.int(),
  failureCount: z.int(),
  results: z.array(contentResultSchema),
  startedAt: z.string().nullable(),
  completedAt: z.string().nullable(),
});
export type ContentOperation = z.infer<typeof contentOperationSchema>;

export const creatorOperationsSchema = z.object({
  creator: z.string(),
  total: z.int(),
  operations: z.array(contentOperationSchema),
  limit: z.int(),
  skip: z.int(),
});
export type CreatorOperations = z.infer<typeof creatorOperationsSchema>;

export const contentLoadedSchema = z.object({
  /** Records of this request; those that replaced one; all there are now. */
  loaded: z.int(),
  replaced: z.int(),
  total: z.int(),
});
export type ContentLoaded = z.infer<typeof contentLoadedSchema>;

export const contentRecordAnswerSchema = z.looseObject({ id: contentId, creator: z.string() });
export type ContentRecordAnswer = z.infer<typeof contentRecordAnswerSchema>;

export const mirrorStateSchema = z.object({ waiting: z.int() });
export type MirrorState = z.infer<typeof mirrorStateSchema>;

/** `left`: still in the queue, with the reasons of up to 100. */
export const mirrorReportSchema = z.object({
  tried: z.int(),
  mirrored: z.int(),
  left: z.int(),
  errors: z.array(z.object({ contentId, reason: z.string() })),
});
export type MirrorReport = z.infer<typeof mirrorReportSchema>;
