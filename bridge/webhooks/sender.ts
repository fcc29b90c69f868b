/** Sends completion webhooks: one signed POST a call. It keeps no queue and decides no later try. */
import type { WebhookDelivery, WebhookEnd, WebhookSender } from '../batch/ports.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { parseAddress, type WebhookAddress } from './address.ts';
import { loadWebhookSecret, toSigningKey } from './secret.ts';
import { toSignatureHeaders } from './sign.ts';

export type WebhookSenderOptions = {
  dataDir: string;
  /** The setting `webhooks.secret` now. */
  secret: () => string | undefined;
  /** Of this program, for the user agent. */
  version: string;
  wallMs: () => number;
  log: Log;
  /** For one try, the answer included. Milliseconds. */
  timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
/** Of an answer nobody reads, only so that the connection can be used again. */
const MAX_ANSWER_BYTES = 8 * 1024;
const passing: ReadonlySet<number> = new Set([408, 429]);

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { log } = options;
  return {
    async send(delivery, signal) {
      const address = parseAddress(delivery.url);
      const end: WebhookEnd =
        address === null
          ? { kind: 'refused', reason: 'the address is not an http or https address' }
          : await tryOnce({ address, delivery, options, signal });
      const { id, event } = delivery;
      const told = { id, event, to: address?.shown ?? null, ...end };
      if (end.kind === 'delivered') log.info(told, 'webhook delivered');
      else log.warn(told, 'webhook not delivered');
      return end;
    },
  };
}

type Try = {
  address: WebhookAddress;
  delivery: WebhookDelivery;
  options: WebhookSenderOptions;
  signal: AbortSignal;
};

async function tryOnce({ address, delivery, options, signal }: Try): Promise<WebhookEnd> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, deadline]);
  try {
    const request = await toRequest({ address, delivery, options });
    // A signature, or a password, must not follow to another server.
    const response = await fetch(address.href, { ...request, redirect: 'manual', signal: stop });
    await dropBody(response);
    return toEnd(response, options.wallMs());
  } catch (thrown) {
    if (signal.aborted) return { kind: 'again', reason: 'it was stopped before there was an answer' };
    if (deadline.aborted) return { kind: 'again', reason: `no answer within ${timeoutMs / 1000} s` };
    return toFailure(thrown);
  }
}

async function toRequest({ address, delivery, options }: Omit<Try, 'signal'>): Promise<RequestInit> {
  const body = JSON.stringify(delivery.body);
  const secret = await loadWebhookSecret(options.secret(), options.dataDir);
  const headers = {
    'content-type': 'application/json',
    'user-agent': `photo-bridge/${options.version}`,
    ...toSignatureHeaders({ id: delivery.id, atMs: options.wallMs(), body }, toSigningKey(secret)),
    ...(address.authorization !== null && { authorization: address.authorization }),
  };
  return { method: 'POST', headers, body };
}

/** The status has said it all: an answer that is long, late or broken off changes nothing. */
async function dropBody({ body }: Response): Promise<void> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (let left = MAX_ANSWER_BYTES; left > 0; ) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.byteLength;
    }
    await reader.cancel();
  } catch {
    // Nobody waits for it.
  }
}

function toEnd({ status, ok, headers }: Response, nowMs: number): WebhookEnd {
  if (ok) return { kind: 'delivered', status };
  if (status >= 300 && status < 400) {
    const reason = `the address answered ${status}, a redirect${toTarget(headers.get('location'))}; redirects are not followed: give the address it leads to`;
    return { kind: 'refused', reason };
  }
  const reason = `the address answered ${status}`;
  if (status < 500 && !passing.has(status)) return { kind: 'refused', reason };
  const afterMs = parseRetryAfter(headers.get('retry-after'), nowMs);
  return { kind: 'again', reason, ...(afterMs !== null && { afterMs }) };
}

function toTarget(location: string | null): string {
  const target = location === null ? null : parseAddress(location);
  return target === null ? '' : ` to ${target.shown}`;
}

/** fetch tells why only in the cause of its error, which may be a list. Codes only: words could quote the address. */
function toFailure(thrown: unknown): WebhookEnd {
  const error = toError(thrown);
  if (!(error instanceof TypeError)) return { kind: 'again', reason: error.message };
  const { cause } = error;
  if (cause instanceof Error && cause.message === 'bad port')
    return {
      kind: 'refused',
      reason: 'its port is reserved for another protocol; no browser or fetch connects to it',
    };
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = first instanceof Error && 'code' in first ? ` (${String(first.code)})` : '';
  return { kind: 'again', reason: `the connection failed${code}` };
}
