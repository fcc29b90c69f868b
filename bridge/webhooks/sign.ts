/** Signatures of Standard Webhooks 1.0.0 ("Signature scheme", "Webhook headers"). Pure. */
import { createHmac } from 'node:crypto';

export type Signed = {
  /** The same for every try. */
  id: string;
  /** Of this try: receivers refuse old ones. Wall ms. */
  atMs: number;
  /** Exactly the text that is sent. */
  body: string;
};

export function toSignatureHeaders({ id, atMs, body }: Signed, key: Uint8Array): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}
