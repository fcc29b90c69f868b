/** The WebSocket end of the server: handshakes, the heartbeat of all clients, the end of all. Admission is not its part. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Settings } from '../contract/index.ts';
import type { EventApi } from '../events/api.ts';
import type { Log } from '../log.ts';
import { createHub } from './hub.ts';
import { Session } from './session.ts';
import type { StatusReader } from './snapshots.ts';

const HEARTBEAT_MS = 20_000;
const LATE_MS = 1000;
const GOING_AWAY = 1001;
const HARD_LIMIT_FACTOR = 4;

export type SocketsOptions = {
  events: EventApi;
  batches: StatusReader;
  settings(): Pick<Settings, 'limits'>;
  log: Log;
  /** For tests. */
  heartbeatMs?: number;
};

export type Sockets = {
  /** Clients connected now. */
  readonly size: number;
  /** Clients that were cut off: they did not read, or did not answer a ping. */
  readonly dropped: { readonly slow: number; readonly silent: number };
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(options: { deadlineMs: number }): Promise<void>;
};

export function createSockets(options: SocketsOptions): Sockets {
  const { events, batches, settings, log, heartbeatMs = HEARTBEAT_MS } = options;
  const hub = createHub(events);
  const sessions = new Map<WebSocket, Session>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // A little over the limit gets an error and stays; far over it the connection is closed (1009).
    maxPayload: HARD_LIMIT_FACTOR * toBytes(settings().limits.ws_message_kb),
  });
  const dropped = { slow: 0, silent: 0 };
  let beatAt = performance.now();
  const heartbeat = setInterval(() => {
    const now = performance.now();
    // After this process slept, the answers to the last ping are still to be read.
    const hasSlept = now - beatAt > heartbeatMs + LATE_MS;
    beatAt = now;
    if (hasSlept) return;
    for (const session of sessions.values()) if (!session.beat()) dropped.silent += 1;
  }, heartbeatMs).unref();

  function accept(socket: WebSocket): void {
    const maxBuffered = () => toBytes(settings().limits.ws_buffer_mb * 1024);
    const maxMessage = () => toBytes(settings().limits.ws_message_kb);
    const patienceMs = settings().limits.ws_patience_s * 1000;
    const onTooSlow = () => {
      dropped.slow += 1;
      log.info({ patience_ms: patienceMs }, 'a WebSocket client did not read and is closed');
    };
    const limits = { maxBuffered, maxMessage, patienceMs, onTooSlow };
    sessions.set(socket, new Session({ socket, hub, events, batches, ...limits }));
    log.debug({ open: sessions.size }, 'a WebSocket client came');
    socket.once('close', (code) => {
      sessions.delete(socket);
      log.debug({ code, open: sessions.size }, 'a WebSocket client left');
    });
  }

  return {
    get size() {
      return sessions.size;
    },
    dropped,
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, accept),
    async close({ deadlineMs }) {
      clearInterval(heartbeat);
      hub.close();
      const ends = [...sessions.keys()].map(toEnd);
      for (const socket of sessions.keys()) socket.close(GOING_AWAY, 'the daemon is stopping');
      const cutOff = setTimeout(() => {
        for (const socket of sessions.keys()) socket.terminate();
      }, deadlineMs);
      await Promise.all(ends);
      clearTimeout(cutOff);
    },
  };
}

function toBytes(kilobytes: number): number {
  return Math.floor(kilobytes * 1024);
}

function toEnd(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
