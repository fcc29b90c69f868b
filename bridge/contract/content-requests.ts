/**
 * Bodies and queries of the content routes, for their description and for clients. The service itself checks them by hand:
 * its messages and their order are the contract, which no schema can say.
 */
import { z } from 'zod';
import { MAX_NAME_LENGTH } from './limits.ts';

const contentIds = z
  .array(z.union([z.string().min(1).max(MAX_NAME_LENGTH), z.number()]))
  .min(1)
  .max(100);
const creator = z.string().min(1).max(256);

export const updatePriceBodySchema = z.object({ contentIds, newPrice: z.number().min(0), creator });
export const removeContentBodySchema = z.object({
  contentIds,
  creator,
  removalReason: z.string().max(1000).nullable().optional(),
});
export const updateMetadataBodySchema = z.object({
  contentIds,
  updates: z.strictObject({
    title: z.string().min(1).max(255).optional(),
    description: z.string().max(10_000).optional(),
    contentType: z.enum(['video', 'article', 'tutorial', 'podcast', 'course', 'book', 'image']).optional(),
    tokenGating: z.boolean().optional(),
    refundable: z.boolean().optional(),
    refundWindowDays: z.int().min(0).max(365).optional(),
  }),
  creator,
});
export const creatorQuerySchema = z.strictObject({
  limit: z.int().min(1).max(100).default(50),
  skip: z.int().min(0).default(0),
});
export const contentRecordsSchema = z.array(
  z.looseObject({
    id: z.union([z.string().min(1).max(MAX_NAME_LENGTH), z.number()]),
    creator,
    title: z.string().max(255).optional(),
    price: z.number().min(0).optional(),
  }),
);
