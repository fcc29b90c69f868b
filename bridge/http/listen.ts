/** Binds the servers to their addresses, the same port on both loopbacks. It knows nothing of requests. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Why the daemon cannot listen; the message names the setting to change. */
export class ListenError extends Error {
  readonly code: 'port_in_use' | 'not_permitted' | 'no_such_address' | 'token_needed' | 'other';
  readonly port: number;

  constructor(code: ListenError['code'], port: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.code = code;
    this.port = port;
  }
}

export type ListenOptions = {
  /** Makes one server; called once an address. */
  createOne(): Server;
  /** Absent or `localhost`: 127.0.0.1 and ::1. */
  host: string | undefined;
  /** 0: any free one. */
  port: number;
  log: Log;
  /** Called before any request can arrive. */
  onPort(port: number): void;
};

/** Free ports of 127.0.0.1 that were taken on ::1 are given back; so often. */
const PAIR_ATTEMPTS = 20;

/** Throws ListenError; then nothing is left open. */
export async function listenOn(options: ListenOptions): Promise<Server[]> {
  const { host, port } = options;
  if (host !== undefined && host !== 'localhost') return [await bindFirst(options, host)];
  for (let attempt = 1; ; attempt++) {
    const first = await bindFirst(options, '127.0.0.1');
    try {
      const second = await bindSecond(options, toPort(first));
      return second === null ? [first] : [first, second];
    } catch (thrown) {
      first.close();
      const isTaken = thrown instanceof ListenError && thrown.code === 'port_in_use';
      if (port !== 0 || !isTaken || attempt === PAIR_ATTEMPTS) throw thrown;
    }
  }
}

export function toPort(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function bindFirst({ createOne, port, onPort }: ListenOptions, host: string): Promise<Server> {
  const server = createOne();
  server.once('listening', () => onPort(toPort(server)));
  await bind(server, { host, port });
  return server;
}

async function bindSecond({ createOne, log }: ListenOptions, port: number): Promise<Server | null> {
  const server = createOne();
  try {
    await bind(server, { host: '::1', port });
    return server;
  } catch (thrown) {
    if (!(thrown instanceof ListenError) || thrown.code !== 'no_such_address') throw thrown;
    log.info({ port }, 'no IPv6 here; listening on 127.0.0.1 only');
    return null;
  }
}

async function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  server.listen({ host, port, ipv6Only: host === '::1' });
  try {
    await once(server, 'listening');
  } catch (thrown) {
    server.close();
    throw toListenError(toError(thrown), host, port);
  }
}

function toListenError(error: Error, host: string, port: number): ListenError {
  const code = 'code' in error ? error.code : undefined;
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(
        'port_in_use',
        port,
        `Port ${port} (${host}) is taken by another program; choose another with server.port or --port`,
        options,
      );
    case 'EACCES':
      return new ListenError(
        'not_permitted',
        port,
        `Port ${port} may not be used by this user; choose another with server.port or --port`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      return new ListenError(
        'no_such_address',
        port,
        `${host} is no address of this machine; see the setting server.host`,
        options,
      );
    default:
      return new ListenError(
        'other',
        port,
        `Cannot listen on ${host}, port ${port}: ${error.message}`,
        options,
      );
  }
}
