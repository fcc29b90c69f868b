/** Maps anything thrown to an RFC 9457 body plus `error`. It decides no status itself: that is the table in errors.ts. */
import type { Problem } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';
/** Seconds after which a refusal that will pass may be tried again. */
const RETRY_AFTER_S = 1;

export type ProblemAnswer = { status: number; headers: Record<string, string>; body: Problem };

/**
 * `instance` is the request's path (never its query: that may hold a token). Anything but a BridgeError is a bug and
 * says nothing of itself; the caller logs it.
 */
export function toProblem(thrown: unknown, instance?: string): ProblemAnswer {
  const error =
    thrown instanceof BridgeError ? thrown : new BridgeError('internal', 'Internal error; the log says more');
  const body: Problem = {
    ...error.extensions,
    type: 'about:blank',
    title: error.title,
    status: error.status,
    detail: error.message,
    error: error.message,
    ...(instance === undefined ? {} : { instance }),
    code: error.code,
  };
  return { status: error.status, headers: toHeaders(error), body };
}

function toHeaders(error: BridgeError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE };
  if (error.status === 503 || error.status === 429) headers['retry-after'] = String(RETRY_AFTER_S);
  if (error.status === 401) headers['www-authenticate'] = 'Bearer';
  const { allow } = error.extensions;
  if (error.status === 405 && typeof allow === 'string') headers.allow = allow;
  return headers;
}

export function toProblemResponse(thrown: unknown, instance?: string): Response {
  const { status, headers, body } = toProblem(thrown, instance);
  return new Response(JSON.stringify(body), { status, headers });
}
