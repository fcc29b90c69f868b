/** What the server is built from. Types only. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Settings } from '../contract/index.ts';
import type { Log } from '../log.ts';
import type { App } from './app.ts';
import type { AnsweredRequest, Health } from './services.ts';

/** Implemented by `ws/`. */
export type SocketPort = {
  /** Takes over an admitted upgrade of `/ws`, answers included. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every WebSocket (1001); resolves when all are gone, at the latest after `deadlineMs`. */
  close(options: { deadlineMs: number }): Promise<void>;
};

export type ServerParts = {
  app: App;
  sockets: SocketPort;
  settings(): Settings;
  health(): Health;
  /** From `loadToken`. Null: nobody beyond this machine, no foreign origin. */
  token: string | null;
  /** Told of every answer when it is out, those of the guard too. */
  onAnswered?: (answer: AnsweredRequest) => void;
  log: Log;
};
