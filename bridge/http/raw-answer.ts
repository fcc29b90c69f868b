/** Answers without Hono: refusals of the guard, of the parser, and on bare sockets. Also the headers of every answer. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createRequestContext } from '../logging/request-context.ts';
import { PLAIN_TYPE, parseFormat, toPlainObject } from './plain/answer.ts';
import { toProblem } from './problem.ts';

/** On every answer; the log's lines about a request have it as `request_id`. */
export const REQUEST_ID = 'x-request-id';
/** Time for the client to read an answer after which its connection is closed. */
const LINGER_MS = 1000;

/** On every answer, errors included. A page of ours may widen its own CSP. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** The body is not read: the connection ends with the answer when there is one. */
export function answerProblem(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const { status, headers, body } = toProblem(thrown, toPath(request.url));
  const isPlain = parseFormat(request.url ?? '', request.headers.accept).format === 'plain';
  if (isPlain) headers['content-type'] = PLAIN_TYPE;
  const text = isPlain ? toPlainObject(body) : JSON.stringify(body);
  const length = Buffer.byteLength(text);
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, { ...headers, 'content-length': String(length) });
  response.end(request.method === 'HEAD' ? undefined : text);
  request.resume();
}

/** For a socket that has no response object: writes the whole answer and ends it. */
export function answerOnSocket(
  socket: Duplex,
  thrown: unknown,
  { instance, requestId }: { instance?: string; requestId?: string } = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = toProblem(thrown, instance);
  const text = JSON.stringify(body);
  const all = {
    ...securityHeaders,
    ...headers,
    [REQUEST_ID]: requestId ?? createRequestContext().id,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  // Unread input would turn the end into a reset, and a client may never close its half.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
}

/** Without the query: it may hold a token. */
export function toPath(target: string | undefined): string {
  return (target ?? '').split('?', 1)[0] ?? '';
}
