/** Answers that a client may already have: `ETag` and `If-None-Match` (RFC 9110 13.1.2). */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { AppEnv } from './services.ts';

export type Tagged = { text: string; etag: string };

export function toTagged(text: string): Tagged {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}

/** 304 without a body when the client names this very text. */
export function toTaggedAnswer(
  c: Context<AppEnv>,
  { text, etag }: Tagged,
  headers: Record<string, string>,
): Response {
  if (isKnown(c.req.header('if-none-match'), etag)) return c.body(null, 304, { ...headers, etag });
  return c.body(text, 200, { ...headers, etag });
}

function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
