/** The HTTP poster: one POST a row to an address of the user's. Tries again only when the row surely was not taken. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { BridgeError } from '../../errors.ts';
import type { ListingRecord } from './columns.ts';
import {
  type ListingImage,
  type PostAnswer,
  type PostContext,
  type Poster,
  type PostFault,
  parsePostAnswer,
} from './poster.ts';

export type HttpPosterOptions = {
  /** `json`: images as base64; `multipart`: the field `record` as JSON and a file `images` each. */
  format?: 'json' | 'multipart';
  /** Also secret ones: they go nowhere but to the address. */
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds for one try, the answer included. */
  timeoutMs?: number;
  /** Tries in all. */
  attempts?: number;
  /** Waits; rejects when the signal aborts. */
  delay?: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

/** `again`: the row was not taken, and may be offered again after so many milliseconds; null asks for the usual pause. */
type Try = { kind: 'answer'; answer: PostAnswer } | { kind: 'again'; afterMs: number | null; reason: string };

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const ANSWER_LIMIT = 1024 * 1024;
/** No connection came about, so nothing was sent. */
const notConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Throws BridgeError `unprocessable` for an address that is not http(s) or carries a password. */
export function createHttpPoster(address: string, options: HttpPosterOptions = {}): Poster {
  const url = parsePosterAddress(address);
  const attempts = options.attempts ?? 3;
  const wait = options.delay ?? ((ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }));
  return {
    async postAd(record, images, context) {
      for (let attempt = 1; ; attempt += 1) {
        const end = await tryOnce({ url, options, record, images, context });
        if (end.kind === 'answer') return end.answer;
        if (attempt >= attempts) return failure(end.reason, 'unreachable');
        const usual = FIRST_PAUSE_MS * 2 ** (attempt - 1);
        try {
          await wait(Math.min(end.afterMs ?? usual, LONGEST_PAUSE_MS), context.signal);
        } catch (thrown) {
          if (context.signal.aborted) return failure(end.reason, 'not_posted');
          throw thrown;
        }
      }
    },
  };
}

/** Throws BridgeError `unprocessable`. */
export function parsePosterAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new BridgeError('unprocessable', 'The poster address must begin with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new BridgeError('unprocessable', 'The poster address must not carry a password; use a header');
  return url;
}

async function tryOnce(given: {
  url: URL;
  options: HttpPosterOptions;
  record: ListingRecord;
  images: readonly ListingImage[];
  context: PostContext;
}): Promise<Try> {
  const { url, options, record, images, context } = given;
  const { body, type } = await toBody(options.format ?? 'json', record, images);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        accept: 'application/json',
        'idempotency-key': context.idempotencyKey,
        ...type,
        ...options.headers,
      },
      // A token must not follow to another server, and a POST must not be sent twice.
      redirect: 'manual',
      signal: AbortSignal.any([context.signal, timeout]),
    });
    return await toEnd(response);
  } catch (thrown) {
    if (context.signal.aborted) throw thrown;
    const code = causeCode(thrown);
    if (notConnected.has(code)) return { kind: 'again', afterMs: null, reason: `No connection (${code})` };
    const what = timeout.aborted ? 'No answer in time' : 'The connection broke';
    return { kind: 'answer', answer: failure(`${what}; the ad may have been posted`, 'unconfirmed') };
  }
}

async function toBody(
  format: 'json' | 'multipart',
  record: ListingRecord,
  images: readonly ListingImage[],
): Promise<{ body: string | FormData; type: Record<string, string> }> {
  const files = await Promise.all(
    images.map(async (image) => ({ ...image, bytes: await readFile(image.path) })),
  );
  if (format === 'json') {
    const shown = files.map(({ filename, type, bytes }) => ({
      filename,
      type,
      data: bytes.toString('base64'),
    }));
    return { body: JSON.stringify({ record, images: shown }), type: { 'content-type': 'application/json' } };
  }
  const form = new FormData();
  form.set('record', JSON.stringify(record));
  for (const { filename, type, bytes } of files) form.append('images', new Blob([bytes], { type }), filename);
  return { body: form, type: {} };
}

async function toEnd(response: Response): Promise<Try> {
  const { status } = response;
  const answer = parsePostAnswer(await readJson(response));
  if (response.ok)
    return { kind: 'answer', answer: answer ?? failure('The poster answered no {success, message}') };
  const reason = answer?.message || `The poster answered ${status}`;
  // 429 and 503 say that the request was not taken up; any other refusal would be the same again, or nobody knows.
  if (status === 429 || status === 503)
    return { kind: 'again', afterMs: retryAfterMs(response.headers.get('retry-after')), reason };
  return { kind: 'answer', answer: failure(reason, status >= 500 ? 'unreachable' : undefined) };
}

async function readJson(response: Response): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > ANSWER_LIMIT) return null;
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch {
    return null;
  }
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3); null when absent or neither. */
export function retryAfterMs(header: string | null, nowMs = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

function failure(message: string, fault?: PostFault): PostAnswer {
  return { success: false, message, ...(fault !== undefined && { fault }) };
}

/** fetch tells why only in the cause of its error, which may be a list. */
function causeCode(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
}
