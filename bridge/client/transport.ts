/** One HTTP exchange with the daemon: address, JSON in and out, refusals to BridgeProblem. Knows no route. */
import { parseProblem, toUnreachable } from './problem.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;
export type CallOptions = { signal?: AbortSignal | undefined };
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type QueryValue = string | number | boolean | null | undefined;
export type Query = { readonly [key: string]: QueryValue };

export type Exchange = CallOptions & {
  method: Method;
  path: string;
  query?: Query | undefined;
  body?: unknown;
  headers?: Record<string, string> | undefined;
};

export type Transport = {
  readonly url: string;
  /** The parsed JSON of a 2xx answer. Throws BridgeProblem, or the abort reason of `signal`. */
  json<T>(exchange: Exchange): Promise<T>;
  /** A 2xx answer whose body is not yet read. */
  raw(exchange: Exchange): Promise<Response>;
};

/** `token`: shown with every request; only a daemon on another machine or of another origin asks for it. */
export function createTransport(baseUrl: string, fetch: Fetch, token?: string): Transport {
  const url = baseUrl.replace(/\/+$/, '');
  const shown: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function raw(exchange: Exchange): Promise<Response> {
    const response = await send(url, fetch, { ...exchange, headers: { ...shown, ...exchange.headers } });
    if (response.ok) return response;
    throw parseProblem(response.status, await readJson(response));
  }

  async function json<T>(exchange: Exchange): Promise<T> {
    const response = await raw(exchange);
    try {
      return (await response.json()) as T;
    } catch (cause) {
      // The connection may end in the middle of an answer: a daemon that was killed.
      throw exchange.signal?.aborted ? exchange.signal.reason : toUnreachable(url, cause);
    }
  }

  return { url, raw, json };
}

async function send(url: string, fetch: Fetch, exchange: Exchange): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...exchange.headers };
  const init: RequestInit = { method: exchange.method, headers };
  if (exchange.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(exchange.body);
  }
  if (exchange.signal) init.signal = exchange.signal;
  try {
    return await fetch(url + exchange.path + toQueryString(exchange.query), init);
  } catch (cause) {
    if (exchange.signal?.aborted) throw exchange.signal.reason;
    throw toUnreachable(url, cause);
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** `?a=1&b=2`, without the values that are absent; empty when there is none. */
export function toQueryString(query: Query | undefined): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) pairs.append(key, String(value));
  }
  const text = pairs.toString();
  return text === '' ? '' : `?${text}`;
}
