/** What happens to one request or upgrade: admission first, then the routes or the WebSocket; never a silent end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { BridgeError } from '../errors.ts';
import { createRequestContext, type RequestContext, runInRequest } from '../logging/request-context.ts';
import type { createAdmission } from './admission.ts';
import { answerPreflight, isPreflight, setCorsHeaders } from './cors.ts';
import { toProblemResponse } from './problem.ts';
import { answerOnSocket, answerProblem, REQUEST_ID, securityHeaders, toPath } from './raw-answer.ts';
import type { ServerParts } from './server-parts.ts';
import { type Health, isOpen } from './services.ts';

type Admission = ReturnType<typeof createAdmission>;
type Told = { context: RequestContext; status: number; beganAt: number };

const WS_PATH = '/ws';
const SWITCHED = 101;
/** Of a client that left before its answer was out; no answer has it. */
const CLIENT_GONE = 499;

export function createRequestHandlers(
  { app, sockets, health, log, onAnswered }: ServerParts,
  admission: Admission,
  closing: AbortSignal,
) {
  const answers = new WeakMap<Duplex, ServerResponse>();
  const contexts = new WeakMap<IncomingMessage, RequestContext>();
  const answer = getRequestListener(
    (request, env) => {
      const incoming = env.incoming as IncomingMessage;
      const context = contexts.get(incoming);
      const bindings = { incoming, outgoing: env.outgoing as ServerResponse, closing };
      return app.fetch(request, context === undefined ? bindings : { ...bindings, context });
    },
    // Only for targets that make no URL; `app.fetch` itself never rejects.
    {
      errorHandler: () =>
        toProblemResponse(new BridgeError('invalid_target', 'the request target is not valid')),
    },
  );

  /** The context of a request: it is over, counted and in the log when its answer is out or given up. */
  function begin(request: IncomingMessage, response: ServerResponse): RequestContext {
    const context = createRequestContext(request.headers[REQUEST_ID]?.toString());
    const beganAt = performance.now();
    contexts.set(request, context);
    response.setHeader(REQUEST_ID, context.id);
    response.once('close', () => {
      context.isOver = true;
      const status = response.writableFinished ? response.statusCode : CLIENT_GONE;
      tell(request, { context, status, beganAt });
    });
    return context;
  }

  function tell(request: IncomingMessage, { context, status, beganAt }: Told): void {
    const { method = '' } = request;
    const { id: request_id, route } = context;
    const milliseconds = performance.now() - beganAt;
    onAnswered?.({ method, route, status, milliseconds });
    const took = { status, duration_ms: Math.round(milliseconds * 10) / 10 };
    log.debug({ request_id, method, path: toPath(request.url), ...toBatch(request.url), ...took }, 'request');
  }

  async function handle(request: IncomingMessage, response: ServerResponse, goOn = () => {}): Promise<void> {
    answers.set(request.socket, response);
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (closing.aborted || admission.isSurplus(request.socket)) response.shouldKeepAlive = false;
    const preflight = isPreflight(request);
    const verdict = await admission.admit(request, { isUpgrade: false, isPreflight: preflight });
    if (verdict.refusal !== null) {
      logRefusal(request, verdict.refusal);
      answerProblem(request, response, verdict.refusal);
      return;
    }
    log.trace({ method: request.method, path: toPath(request.url) }, 'request admitted');
    if (verdict.foreignOrigin !== null) setCorsHeaders(response, verdict.foreignOrigin);
    if (verdict.foreignOrigin !== null && preflight) answerPreflight(request, response);
    else {
      goOn();
      await answer(request, response);
    }
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const context = createRequestContext(request.headers[REQUEST_ID]?.toString());
    const beganAt = performance.now();
    const path = toPath(request.url);
    const verdict = await admission.admit(request, { isUpgrade: true, isPreflight: false });
    const refusal = verdict.refusal ?? checkUpgrade(request, path, health());
    if (refusal !== null) {
      logRefusal(request, refusal);
      answerOnSocket(socket, refusal, { instance: path, requestId: context.id });
    } else if (!socket.destroyed) sockets.upgrade(request, socket, head);
    if (path === WS_PATH) context.route = path;
    tell(request, { context, status: refusal?.status ?? SWITCHED, beganAt });
  }

  function logRefusal({ method, url }: IncomingMessage, { code }: BridgeError): void {
    log.debug({ code, method, path: toPath(url) }, 'request refused');
  }

  const fail = (thrown: unknown) => log.error({ err: thrown }, 'a request could not be handled');
  return {
    onRequest: (request: IncomingMessage, response: ServerResponse) =>
      runInRequest(begin(request, response), () => void handle(request, response).catch(fail)),
    onContinue: (request: IncomingMessage, response: ServerResponse) =>
      runInRequest(
        begin(request, response),
        () => void handle(request, response, () => response.writeContinue()).catch(fail),
      ),
    onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      void upgrade(request, socket, head).catch(fail),
    onClientError(error: Error & { code?: string }, socket: Duplex): void {
      // Half an answer is out: anything more would be read as part of it.
      const response = answers.get(socket);
      const isHalfOut = response?.headersSent === true && !response.writableFinished;
      if (error.code === 'ECONNRESET' || isHalfOut) socket.destroy();
      // What is broken comes behind a request that is being worked on: the next answer is that one's, and the last.
      else if (response?.req.complete && !response.writableFinished) endWith(response, socket);
      else answerOnSocket(socket, toClientProblem(error.code));
    },
  };
}

function endWith(response: ServerResponse, socket: Duplex): void {
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.end());
  response.once('close', () => socket.destroy());
}

/** The batch a request is about, if its path names one. */
function toBatch(target: string | undefined): { batch_id?: string } {
  const id = /^\/batch\/(batch_[0-9a-zA-Z_-]{1,64})(?:[/?]|$)/.exec(target ?? '')?.[1];
  return id === undefined ? {} : { batch_id: id };
}

function checkUpgrade(request: IncomingMessage, path: string, { state }: Health): BridgeError | null {
  if (path !== WS_PATH) return new BridgeError('not_found', 'the WebSocket is at /ws');
  if (!isHandshake(request))
    return new BridgeError('bad_request', 'this is no WebSocket handshake (RFC 6455)');
  return isOpen(state) ? null : new BridgeError('unavailable', `the daemon is ${state}`);
}

function isHandshake({ method, headers }: IncomingMessage): boolean {
  const isKey = /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '');
  const version = headers['sec-websocket-version'];
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && isKey && version === '13';
}

export function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

function toClientProblem(code: string | undefined): BridgeError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new BridgeError('headers_too_large', 'the headers are larger than 16 KB');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BridgeError(
      'request_timeout',
      'the request took too long (settings limits.headers_s, limits.request_s)',
    );
  }
  return new BridgeError('bad_request', 'the request is not valid HTTP');
}
