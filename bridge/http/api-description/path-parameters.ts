/** What stands in the paths between braces: its form, words, an example, and the refusal when there is no such thing. */
import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';

export type PathParameter = {
  schema: z.ZodType;
  about: string;
  example: string;
  /** Null: anything names something, if only an empty list. */
  missing: ErrorCode | null;
};

const pathParameters: Readonly<Record<string, PathParameter>> = {
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
  template: {
    schema: z.string().min(1),
    about: 'The name of the template, in any mixture of upper and lower case.',
    example: 'Web gallery',
    missing: 'template_not_found',
  },
  content_id: {
    schema: z.string().min(1),
    about: 'The `id` of the record; `1` and `"1"` are the same.',
    example: 'c-1',
    missing: 'not_found',
  },
  creator: {
    schema: z.string().min(1),
    about: 'The creator’s address.',
    example: '0xA11CE',
    missing: null,
  },
  asset: {
    schema: z.string().min(1),
    about: 'A file name of the page as it was built.',
    example: 'index-AbCd1234.js',
    missing: 'not_found',
  },
};

/** Where a path has a name for something else than the table above: path → name there → name here. */
const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/assets/{name}': { name: 'asset' },
};

/** Throws Error for a name without words. */
export function findPathParameter(path: string, name: string): PathParameter {
  const parameter = pathParameters[elsewhere[path]?.[name] ?? name];
  if (parameter === undefined) throw new Error(`${path}: the path parameter ${name} is not described`);
  return parameter;
}

export function pathParametersOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
