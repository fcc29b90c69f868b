/** The HTTP server: admission before every request and upgrade, time limits, broken requests, an orderly end. */
import { createServer, type Server } from 'node:http';
import { BridgeError } from '../errors.ts';
import { createAdmission } from './admission.ts';
import { closeServers } from './close-servers.ts';
import { ListenError, listenOn, toPort } from './listen.ts';
import { createPeerCheck } from './peer-user.ts';
import { answerOnSocket } from './raw-answer.ts';
import { createRequestHandlers, isWebSocketUpgrade } from './request-handlers.ts';
import type { ServerParts } from './server-parts.ts';
import { toLoopbackKey } from './tcp-table.ts';

/** Longer than clients' polling intervals, so a kept connection is not closed under the next poll. */
const KEEP_ALIVE_MS = 72_000;
/** No byte in either direction for so long: the client is gone. Longer than any answer takes to begin. */
const SILENCE_MS = 180_000;
const CHECK_MS = 1000;

export type BridgeServer = {
  /** Throws ListenError. `url` is the IPv4 one, and one that programs on this machine can use. */
  listen(): Promise<{ port: number; url: string }>;
  /** Accepts nothing more, ends waiting polls and sockets; what is left after the deadline is cut off. */
  close(options: { deadlineMs: number }): Promise<void>;
};

export function createBridgeServer(parts: ServerParts): BridgeServer {
  const { settings, log, token } = parts;
  const peers = createPeerCheck({ isOn: () => settings().security.same_user_only, log });
  const admission = createAdmission({ settings, token, peers });
  const closing = new AbortController();
  const handlers = createRequestHandlers(parts, admission, closing.signal);
  let servers: Server[] = [];

  function createOne(): Server {
    const { headers_s, request_s } = settings().limits;
    const server = createServer({
      // Told apart by the guard, which answers with a problem document.
      requireHostHeader: false,
      headersTimeout: Math.min(headers_s, request_s) * 1000,
      requestTimeout: request_s * 1000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      // Other upgrades (h2c) are ignored, as RFC 9110 7.8 allows.
      shouldUpgradeCallback: isWebSocketUpgrade,
    });
    server.setTimeout(SILENCE_MS);
    server.on('connection', admission.countConnection);
    server.on('request', handlers.onRequest);
    server.on('checkContinue', handlers.onContinue);
    server.on('checkExpectation', handlers.onRequest);
    server.on('upgrade', handlers.onUpgrade);
    server.on('connect', (_request, socket) => answerOnSocket(socket, noTunnel()));
    server.on('clientError', handlers.onClientError);
    return server;
  }

  return {
    async listen() {
      const { host, port } = settings().server;
      if (host !== undefined && !isLoopbackHost(host) && token === null) throw tokenNeeded(host, port);
      servers = await listenOn({ createOne, host, port, log, onPort: admission.setPort });
      const [first] = servers;
      const real = first === undefined ? port : toPort(first);
      await peers.probe(real);
      return { port: real, url: `http://${toOwnName(host)}:${real}` };
    },
    async close({ deadlineMs }) {
      closing.abort();
      await Promise.all([
        parts.sockets.close({ deadlineMs }),
        closeServers(servers, { deadlineMs, cutOff: admission.cutOff }),
      ]);
    },
  };
}

/** Every address of the machine includes 127.0.0.1, whose name the guard knows. */
function toOwnName(host: string | undefined): string {
  if (host === undefined || ['localhost', '0.0.0.0', '::', ''].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function noTunnel(): BridgeError {
  return new BridgeError('invalid_target', 'this is no proxy');
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || toLoopbackKey(host, 0) !== null;
}

function tokenNeeded(host: string, port: number): ListenError {
  return new ListenError(
    'token_needed',
    port,
    `server.host ${host} lets other machines in, which needs a token: set security.token_file (the file is made), or remove server.host`,
  );
}
