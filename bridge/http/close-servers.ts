/** Ends servers in order: no new connection, idle ones closed, answers under way finished, the rest cut off. */
import type { Server } from 'node:http';

const IDLE_CHECK_MS = 25;

export type CloseOptions = {
  deadlineMs: number;
  /** Destroys every connection, upgraded ones too (Node does not count those). */
  cutOff(): void;
};

export async function closeServers(servers: readonly Server[], options: CloseOptions): Promise<void> {
  const closed = Promise.all(servers.map(closeServer));
  // A connection falls idle when its answer is out; Node closes only those idle at this moment.
  const sweep = setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, IDLE_CHECK_MS);
  const cutOff = setTimeout(options.cutOff, options.deadlineMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cutOff);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
