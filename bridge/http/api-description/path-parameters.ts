/** What stands in the paths between braces: its form, words, an example, and the refusal when there is no such thing. */
import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';

export type PathParameter = { schema: z.ZodType; about: string; example: string; missing: ErrorCode };

export const pathParameters: Readonly<Record<string, PathParameter>> = {
  batch_id: {
    schema: z.string().regex(/^batch_[0-9a-zA-Z_-]{1,64}$/),
    about: 'The `batch_id` that the start answered.',
    example: 'batch_abc123def456',
    missing: 'batch_not_found',
  },
  photo_id: {
    schema: z.int().min(1),
    about: 'The `photo_id` that the registration answered.',
    example: '1',
    missing: 'photo_not_found',
  },
  name: {
    schema: z.string().min(1),
    about: 'The name of the preset, as the list shows it.',
    example: 'WhiteLayer_v4',
    missing: 'preset_not_found',
  },
};

export function pathParametersOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
