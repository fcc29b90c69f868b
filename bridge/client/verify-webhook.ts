/**
 * For programs that receive completion webhooks: is one really from the daemon, unchanged and fresh (Standard Webhooks 1.0.0)?
 * Works in Node and browsers. It remembers nothing: a receiver that must act once keeps the `id` of what it has done.
 */
import type { WebhookBody } from '../contract/index.ts';

export type ReceivedWebhook = {
  /** As fetch or Node's `http` give them. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body exactly as it came: parsed and written again it has another signature. */
  body: string | Uint8Array;
};
export type VerifyOptions = {
  /** `whsec_…`: the setting `webhooks.secret` or the daemon's file `webhook-secret`. Several while one is replaced. */
  secret: string | readonly string[];
  /** How far the sender's clock, or the time on the way, may be off. Default 300 seconds. */
  toleranceS?: number | undefined;
  /** Wall ms. Default now. */
  nowMs?: number | undefined;
};
export type WebhookVerdict = { ok: true; webhook: WebhookBody } | { ok: false; reason: string };

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const TOLERANCE_S = 300;
const PREFIX = 'whsec_';

/** Never rejects for anything that was received; throws TypeError for a secret that is none. */
export async function verifyWebhook(
  { headers, body }: ReceivedWebhook,
  { secret, toleranceS = TOLERANCE_S, nowMs = Date.now() }: VerifyOptions,
): Promise<WebhookVerdict> {
  const keys = await Promise.all([secret].flat().map(toKey));
  const id = headerOf(headers, 'webhook-id');
  const seconds = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (!id || !seconds || !signatures) return { ok: false, reason: 'a webhook header is missing' };
  if (!/^\d{1,15}$/.test(seconds)) return { ok: false, reason: 'the time is no number' };
  if (Math.abs(nowMs / 1000 - Number(seconds)) > toleranceS)
    return { ok: false, reason: 'the time is too long ago, or ahead' };
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const signed = join(new TextEncoder().encode(`${id}.${seconds}.`), bytes);
  if (!(await isSignedBy(keys, signatures, signed)))
    return { ok: false, reason: 'the signature is not of this secret and body' };
  return parseBody(bytes);
}

/** `crypto.subtle.verify` compares in constant time. */
async function isSignedBy(
  keys: readonly Key[],
  signatures: string,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const text of signatures.split(' ')) {
    const given = text.startsWith('v1,') ? toBytes(text.slice(3)) : null;
    if (given === null) continue;
    for (const key of keys) if (await crypto.subtle.verify('HMAC', key, given, signed)) return true;
  }
  return false;
}

async function toKey(secret: string): Promise<Key> {
  const bytes = secret.startsWith(PREFIX) ? toBytes(secret.slice(PREFIX.length).trim()) : null;
  if (bytes === null || bytes.length === 0) throw new TypeError(`a webhook secret is "${PREFIX}" and base64`);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function toBytes(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

function headerOf(headers: ReceivedWebhook['headers'], name: string): string | null {
  if (headers instanceof Headers) return headers.get(name);
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}

function parseBody(bytes: Uint8Array): WebhookVerdict {
  try {
    return { ok: true, webhook: JSON.parse(new TextDecoder().decode(bytes)) as WebhookBody };
  } catch {
    return { ok: false, reason: 'the body is no JSON' };
  }
}
