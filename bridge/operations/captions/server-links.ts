/** The way to the server as it is set at this moment, and what is known of that server. Keeps no token. */

import { type CaptionServer, createCaptionServer, type ServerOptions } from './caption-server.ts';
import type { ConnectionSource } from './caption-settings.ts';
import { type Connection, parseConnection } from './connection.ts';
import { type Instance, probeInstance } from './instance.ts';
import { orAborted } from './or-aborted.ts';
import { type Pace, type RetryPolicy, usualPolicy } from './retry.ts';

export type LinkParts = { connection: ConnectionSource; pace: Pace; policy?: RetryPolicy | undefined };

export class ServerLinks {
  readonly pace: Pace;
  readonly policy: RetryPolicy;
  readonly #source: ConnectionSource;
  /** By server; the probe of one is shared by all who wait for it. */
  readonly #instances = new Map<string, Promise<Instance>>();

  constructor({ connection, pace, policy = usualPolicy }: LinkParts) {
    this.#source = connection;
    this.pace = pace;
    this.policy = policy;
  }

  /** Throws BridgeError `bad_request` that names what to set. */
  connect(): Connection {
    return parseConnection(this.#source());
  }

  toServer(connection: Connection, options: Omit<ServerOptions, 'now'>): CaptionServer {
    return createCaptionServer(connection, { ...options, now: this.pace.now });
  }

  /** Asked once of a server; a probe that failed is made anew by the next who asks. Rejects with ServerFault. */
  async instance(
    server: CaptionServer,
    { signal, policy = this.policy }: { signal?: AbortSignal | undefined; policy?: RetryPolicy } = {},
  ): Promise<Instance> {
    let probe = this.#instances.get(server.url);
    if (probe === undefined) {
      probe = probeInstance(server, { pace: this.pace, policy });
      this.#instances.set(server.url, probe);
      probe.catch(() => this.#instances.delete(server.url));
    }
    return orAborted(probe, signal);
  }

  /** What is known of it may no longer be true: it is asked again. */
  forget(server: string): void {
    this.#instances.delete(server);
  }
}
