/** Starts a real server on a free port around the stand-in, and talks to it over raw sockets. */
import { connect, type Socket } from 'node:net';
import { createApp } from '../../../bridge/http/app.ts';
import { type BridgeServer, createBridgeServer } from '../../../bridge/http/server.ts';
import type { Log } from '../../../bridge/log.ts';
import { createSockets, type Sockets } from '../../../bridge/ws/sockets.ts';
import { createStandIn, silent } from './stand-in.ts';

export type Running = ReturnType<typeof createStandIn> & {
  server: BridgeServer;
  sockets: Sockets;
  port: number;
  url: string;
};
type Options = {
  settings?: Record<string, unknown>;
  token?: string | null;
  maxEvents?: number;
  heartbeatMs?: number;
  log?: Log;
};

const running = new Set<BridgeServer>();

export async function startServer(options: Options = {}): Promise<Running> {
  const { settings = {}, token = null, maxEvents, log = silent, ...times } = options;
  const standIn = createStandIn({
    settings: { server: { port: 0 }, ...settings },
    ...(maxEvents === undefined ? {} : { maxEvents }),
  });
  const { services } = standIn;
  const { events, batches } = services;
  const sockets = createSockets({ events, batches, settings: standIn.settings, log, ...times });
  const server = createBridgeServer({
    app: createApp({ ...services, log }),
    sockets,
    settings: standIn.settings,
    health: services.health,
    token,
    log,
  });
  const { port, url } = await server.listen();
  running.add(server);
  return { ...standIn, server, sockets, port, url };
}

export async function stopServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.close({ deadlineMs: 500 })));
  running.clear();
}

/** Sends the text as it is and answers all that came back until the server closed, or until `isEnough`. */
export function sendRaw(
  port: number,
  text: string,
  { host = '127.0.0.1', isEnough = (_received: string): boolean => false } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host }, () => socket.write(text, 'latin1'));
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (isEnough(received)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (received === '' && error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    socket.on('close', () => resolve(received));
  });
}

export function parseRaw(received: string): {
  status: number;
  head: string;
  problem: Record<string, unknown>;
} {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const body = rest.join('\r\n\r\n');
  return { status, head: head.toLowerCase(), problem: body.startsWith('{') ? JSON.parse(body) : {} };
}
