/** Templates: named parts of a start body, kept by the daemon, and the start body that names one. */
import { z } from 'zod';
import { operationNameSchema, startBodySchema } from './batch.ts';
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from './limits.ts';

/** What a batch is to be done to belongs to the one start, and a template names no other. */
const notInTemplates = ['photo_ids', 'photos', 'select', 'items', 'file', 'template'] as const;
const notInTemplate: ReadonlySet<string> = new Set(notInTemplates);

/** One that fits into an address and on a line: `.` and `..` would be taken for folders. */
export const templateNameSchema = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine(isTemplateName, 'a name has no control characters, no space at its ends, and is not "." or ".."');

function isTemplateName(name: string): boolean {
  return name.trim() === name && name !== '.' && name !== '..' && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name);
}

type StartPart = Omit<z.input<typeof startBodySchema>, (typeof notInTemplates)[number]>;
/** Any part of a start body but what it is done to; absent keys have no default here. */
export type TemplateStart = Partial<StartPart>;

export const templateStartSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(startBodySchema.shape)
      .filter(([key]) => !notInTemplate.has(key))
      .map(([key, schema]) => [key, withoutDefault(schema).optional()]),
  ),
) as unknown as z.ZodType<TemplateStart, TemplateStart>;

function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;
}

/** Body of `POST /batch/start` and `/batch/plan` as it is sent. */
export const startRequestSchema = startBodySchema.extend({ template: templateNameSchema.optional() });

const description = z.string().max(MAX_TEXT_LENGTH);

export const saveTemplateBodySchema = z.strictObject({
  name: templateNameSchema,
  description: description.optional(),
  start: templateStartSchema,
  if_exists: z.enum(['replace', 'refuse']).default('replace'),
});
export type SaveTemplateBody = z.infer<typeof saveTemplateBodySchema>;

/** A file of the templates folder. Made by hand it may leave out its name, which is then the file's. */
export const templateFileSchema = z.strictObject({
  name: templateNameSchema.optional(),
  description: description.nullable().optional(),
  start: templateStartSchema,
  saved_at: z.string().max(MAX_NAME_LENGTH).nullable().optional(),
});

export const templateSummarySchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  /** Null: the one of the start, or the default. */
  operation: operationNameSchema.nullable(),
  /** ISO-8601 UTC; null for a file made by hand. */
  saved_at: z.string().nullable(),
});
export type TemplateSummary = z.infer<typeof templateSummarySchema>;

export const templateSchema = templateSummarySchema.extend({ start: templateStartSchema });
export type Template = z.infer<typeof templateSchema>;

export const templateListSchema = z.object({
  templates: z.array(templateSummarySchema),
  count: z.int().min(0),
});
export type TemplateList = z.infer<typeof templateListSchema>;

export const saveTemplateAnswerSchema = templateSchema.extend({
  message: z.string(),
  /** There was one of that name. */
  replaced: z.boolean(),
});
export type SaveTemplateAnswer = z.infer<typeof saveTemplateAnswerSchema>;

export const removeTemplateAnswerSchema = z.object({ message: z.string(), name: z.string() });
export type RemoveTemplateAnswer = z.infer<typeof removeTemplateAnswerSchema>;
