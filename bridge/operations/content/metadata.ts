/** Which metadata fields may be changed, and to what. Pure. */
import { z } from 'zod';
import type { MetadataUpdates } from './change.ts';

export const contentTypes = ['video', 'article', 'tutorial', 'podcast', 'course', 'book', 'image'] as const;

const fields: Readonly<Record<string, z.ZodType<string | boolean | number>>> = {
  title: z.string().min(1).max(255),
  description: z.string().max(10_000),
  contentType: z.enum(contentTypes),
  tokenGating: z.boolean(),
  refundable: z.boolean(),
  refundWindowDays: z.int().min(0).max(365),
};
export const allowedFields: readonly string[] = Object.keys(fields);

export type CheckedUpdates =
  | { ok: true; updates: MetadataUpdates }
  | { ok: false; body: { message: string; invalidFields?: string[]; allowedFields?: readonly string[] } };

/** A field that is not on the list and one whose value breaks its rule are both named. */
export function checkUpdates(given: unknown): CheckedUpdates {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const entries = isObject ? Object.entries(given) : [];
  if (entries.length === 0)
    return { ok: false, body: { message: 'updates object with at least one field is required' } };
  const updates: Record<string, string | boolean | number> = {};
  const invalidFields: string[] = [];
  for (const [name, value] of entries) {
    const parsed = Object.hasOwn(fields, name) ? fields[name]?.safeParse(value) : undefined;
    if (parsed?.success) updates[name] = parsed.data;
    else invalidFields.push(name);
  }
  if (invalidFields.length === 0) return { ok: true, updates };
  return { ok: false, body: { message: 'Invalid fields in update payload', invalidFields, allowedFields } };
}
