/** Completion webhooks on the wire, in the form of Standard Webhooks 1.0.0: what a start body asks for and what is sent. */
import { z } from 'zod';
import type { BatchStatusObject } from './batch.ts';

export const MAX_WEBHOOK_URL_LENGTH = 2048;

/** `webhook` of a start body: where the end of the batch is told. */
export const webhookSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(MAX_WEBHOOK_URL_LENGTH),
});
export type Webhook = z.infer<typeof webhookSchema>;

export const webhookEvents = ['batch.completed', 'batch.failed', 'batch.cancelled'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

export type WebhookBody = {
  type: WebhookEvent;
  /** As in the header `webhook-id`; the same for every try. */
  id: string;
  /** When the batch ended, ISO-8601 UTC. */
  timestamp: string;
  data: BatchStatusObject;
};

const SECRET_PREFIX = 'whsec_';
/** Bytes of a key, as the specification bounds them. */
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `whsec_` and the base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(SECRET_PREFIX)) return false;
  const base64 = text.slice(SECRET_PREFIX.length);
  const bytes = (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0);
  return base64Form.test(base64) && bytes >= MIN_KEY_BYTES && bytes <= MAX_KEY_BYTES;
}
