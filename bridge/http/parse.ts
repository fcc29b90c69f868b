/** Holds bodies, queries and path parameters against contract schemas; a refusal is `bad_request` with the field in it. */
import type { Context } from 'hono';
import type { z } from 'zod';
import { explainIssues } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import { readJsonBody, toBodyLimit } from './body.ts';
import type { AppEnv, AppServices } from './services.ts';

const MAX_EXPLAINED = 20;
const MAX_IN_SENTENCE = 3;

/** `whole`: what the value is called when it is wrong as a whole. Throws `bad_request` with `field` and `errors`. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, whole = 'the body'): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, MAX_EXPLAINED);
  const errors = explainIssues(issues, { schema, value, whole });
  const sentence = errors.slice(0, MAX_IN_SENTENCE).map(({ message }) => message);
  throw new BridgeError('bad_request', sentence.join('; '), { field: errors[0]?.field ?? '', errors });
}

/** No body counts as `{}`; a body `null` is a wrong one. */
export async function parseBody<S extends z.ZodType>(
  c: Context<AppEnv>,
  services: AppServices,
  schema: S,
): Promise<z.infer<S>> {
  const { limits } = services.settings();
  const body = await readJsonBody(c, toBodyLimit(limits.body_mb, 'limits.body_mb'));
  return parseWith(schema, body === undefined ? {} : body);
}

/** Empty parameters count as absent; a parameter given twice is refused. `format` is no route's: `plain/` reads it. */
export function parseQuery<S extends z.ZodType>(c: Context<AppEnv>, schema: S): z.infer<S> {
  const given: Record<string, string> = {};
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (name === 'format') continue;
    if (values.length > 1) {
      throw new BridgeError('bad_request', `${name} is given ${values.length} times in the query`, {
        field: name,
      });
    }
    const [value] = values;
    if (value !== undefined && value !== '') given[name] = value;
  }
  return parseWith(schema, given, 'the query');
}

/** The ids of files named by hand are accepted too (state-file.ts). */
const batchIdForm = /^batch_[0-9a-zA-Z_-]{1,64}$/;

export function parseBatchId(c: Context<AppEnv>): string {
  const id = c.req.param('batch_id') ?? '';
  if (!batchIdForm.test(id)) throw new BridgeError('batch_not_found', 'Batch not found');
  return id;
}

export function parsePhotoId(c: Context<AppEnv>): number {
  const text = c.req.param('photo_id') ?? '';
  if (!/^\d{1,15}$/.test(text)) throw new BridgeError('photo_not_found', 'Photo not found');
  return Number(text);
}
