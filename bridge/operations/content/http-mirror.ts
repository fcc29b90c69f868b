/** The HTTP mirror: one POST a change to an address of the user's, tried again with the same key, so that it counts once. */
import { setTimeout as delay } from 'node:timers/promises';
import { BridgeError } from '../../errors.ts';
import type { ContentMirror, MirrorEnd } from './ports.ts';
import type { MirrorJob } from './store-entries.ts';

export type HttpMirrorOptions = {
  /** Also secret ones: they go nowhere but to the address. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds for one try. */
  timeoutMs?: number;
  /** Tries in all. */
  attempts?: number;
  /** Waits; rejects when the signal aborts. */
  delay?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

type Try = MirrorEnd & { afterMs?: number | undefined };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** Throws BridgeError `unprocessable` for an address that is not http(s) or carries a password. */
export function createHttpMirror(address: string, options: HttpMirrorOptions = {}): ContentMirror {
  const url = parseAddress(address);
  const attempts = options.attempts ?? 3;
  const wait = options.delay ?? ((ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }));
  return {
    async send(job, signal) {
      for (let attempt = 1; ; attempt += 1) {
        const { afterMs, ...end } = await tryOnce({ url, options, job, signal });
        if (end.kind !== 'down' || attempt >= attempts) return end;
        const usual = FIRST_PAUSE_MS * 2 ** (attempt - 1);
        await wait(Math.min(afterMs ?? usual, LONGEST_PAUSE_MS), signal);
      }
    },
  };
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new BridgeError('unprocessable', 'The mirror address must begin with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new BridgeError('unprocessable', 'The mirror address must not carry a password; use a header');
  return url;
}

async function tryOnce(given: {
  url: URL;
  options: HttpMirrorOptions;
  job: MirrorJob;
  signal: AbortSignal;
}): Promise<Try> {
  const { url, options, job, signal } = given;
  const { token, contentId, creator, operationType, updatePayload } = job;
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 5000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ contentId, creator, operationType, updatePayload }),
      headers: { 'content-type': 'application/json', 'idempotency-key': token, ...options.headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel();
    return toEnd(response);
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return {
      kind: 'down',
      reason: timeout.aborted ? 'no answer in time' : `no connection${causeOf(thrown)}`,
    };
  }
}

function toEnd({ ok, status, headers }: Response): Try {
  if (ok) return { kind: 'mirrored' };
  const reason = `the mirror answered ${status}`;
  const isPassing = [408, 429, 500, 502, 503, 504].includes(status) || (status >= 520 && status <= 527);
  if (!isPassing) return { kind: 'rejected', reason };
  const seconds = headers.get('retry-after') ?? '';
  return { kind: 'down', reason, afterMs: /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined };
}

function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}
