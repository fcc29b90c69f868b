/**
 * How masto's requests travel: every trouble becomes a ServerFault with status and waiting time, which the library's own
 * transport loses when a server in trouble answers HTML. A read-only one lets no writing request out.
 */
import { BaseHttp } from 'masto/adapters/http/base-http.js';
import { SerializerNativeImpl } from 'masto/adapters/serializers/serializer-native-impl.js';
import type { HttpRequestParams, HttpResponse } from 'masto/interfaces/http.js';
import { toError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { type FaultKind, ServerFault } from './server-fault.ts';

export type HttpOptions = {
  connection: Connection;
  /** Writing requests are refused before they leave. */
  readOnly: boolean;
  /** Milliseconds for one request with its answer. */
  timeoutMs: number;
  now: () => number;
};

const LONGEST_MESSAGE = 300;

export class ServerHttp extends BaseHttp {
  readonly #options: HttpOptions;
  readonly #serializer = new SerializerNativeImpl();

  constructor(options: HttpOptions) {
    super();
    this.#options = options;
  }

  override async request<T>(params: HttpRequestParams): Promise<HttpResponse<T>> {
    const { connection, readOnly, timeoutMs } = this.#options;
    const what = `${params.method} ${params.path}`;
    if (readOnly && params.method !== 'GET') {
      throw new ServerFault('read_only', `${what} was not sent: nothing may be written`);
    }
    const caller = params.requestInit?.signal ?? undefined;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(new URL(params.path, connection.server), {
        method: params.method,
        headers: {
          authorization: connection.authorization(),
          accept: 'application/json',
          ...jsonType(params),
        },
        body: params.body === undefined ? null : this.#serializer.serialize('json', params.body),
        redirect: 'manual',
        signal: caller === undefined ? timeout : AbortSignal.any([timeout, caller]),
      });
      const text = await response.text();
      if (!response.ok) throw this.#refused(what, response, text);
      return { headers: response.headers, data: this.#read<T>(what, text) };
    } catch (thrown) {
      if (thrown instanceof ServerFault) throw thrown;
      caller?.throwIfAborted();
      throw this.#broken(what, thrown, timeout.aborted);
    }
  }

  #read<T>(what: string, text: string): T {
    try {
      return this.#serializer.deserialize<T>('json', text);
    } catch {
      throw new ServerFault('unreadable', `${what} was answered with something that is no JSON`);
    }
  }

  #refused(what: string, response: Response, text: string): ServerFault {
    const { status, headers } = response;
    if (status >= 300 && status < 400) {
      const to = headers.get('location') ?? 'elsewhere';
      return this.#fault('redirect', `${what} is redirected to ${to}: set the server's own URL`, { status });
    }
    const said = saidBy(text);
    const message = `${what} was answered ${status}${said === '' ? '' : `: ${said}`}`;
    return this.#fault('http', message, {
      status,
      retryAfterMs: toRetryAfter(headers, status, this.#options.now()),
    });
  }

  #broken(what: string, thrown: unknown, isLate: boolean): ServerFault {
    if (isLate)
      return this.#fault('timeout', `${what} was not answered within ${this.#options.timeoutMs} ms`);
    const error = toError(thrown);
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    return this.#fault('connection', `${what} failed: ${reason}`);
  }

  #fault(
    kind: FaultKind,
    message: string,
    more: { status?: number; retryAfterMs?: number | null } = {},
  ): ServerFault {
    return new ServerFault(kind, this.#options.connection.redact(message), more);
  }
}

function jsonType(params: HttpRequestParams): Record<string, string> {
  return params.body === undefined ? {} : { 'content-type': 'application/json' };
}

/** The server's own words, when it has any that are not a page. */
function saidBy(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return '';
    const said = 'error' in body ? body.error : 'message' in body ? body.message : '';
    return typeof said === 'string' ? said.slice(0, LONGEST_MESSAGE) : '';
  } catch {
    return '';
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); for 429 also `X-RateLimit-Reset`, which is what Mastodon sends. */
function toRetryAfter(headers: Headers, status: number, now: number): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after !== undefined && /^\d+$/.test(after)) return Number(after) * 1000;
  const at = Date.parse(after ?? (status === 429 ? (headers.get('x-ratelimit-reset') ?? '') : ''));
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
