/** What is kept on disk of an item beside its result: its caption, and what its post was before it was edited. */
import { z } from 'zod';
import type { Caption } from './caption.ts';
import type { PostState } from './post-state.ts';

const captionSchema = z.object({
  image_id: z.string(),
  post_id: z.string(),
  target: z.union([z.object({ media_id: z.string() }), z.object({ attachment_index: z.int() })]),
  text: z.string(),
  updated_at: z.string().nullable(),
});
/** `place`: how many items of the same unit stand before it. */
const inputSchema = z.object({ caption: captionSchema, place: z.int() });
export type CaptionInput = { caption: Caption; place: number };

const postSchema = z.object({
  id: z.string(),
  source: z.object({ text: z.string(), spoiler_text: z.string() }).nullable(),
  sensitive: z.boolean(),
  language: z.string().nullable(),
  poll: z
    .object({
      options: z.array(z.string()),
      multiple: z.boolean(),
      hide_totals: z.boolean(),
      expires_at: z.string().nullable(),
    })
    .nullable(),
  quote_policy: z.enum(['public', 'followers', 'nobody']).nullable(),
  media: z.array(z.object({ id: z.string(), description: z.string().nullable() })),
}) satisfies z.ZodType<PostState>;
const noteSchema = z.object({
  items: z.array(z.int()),
  original: postSchema,
  wanted: z.record(z.string(), z.string()),
});
/** Durable before anything is written. `items`: of the attempt. `wanted`: captions by media id. Kept with the first of the items. */
export type CaptionNote = z.infer<typeof noteSchema>;

/** Null when it is none. */
export function parseInput(value: unknown): CaptionInput | null {
  return inputSchema.safeParse(value).data ?? null;
}

export function parseNote(value: unknown): CaptionNote | null {
  return noteSchema.safeParse(value).data ?? null;
}
