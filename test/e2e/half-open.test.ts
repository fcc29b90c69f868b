/** Thousands of clients that never finish their request: a normal one is served beside them. */
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { spawnDaemon } from '../helpers/daemon.ts';
import { askForSocket } from './access-clients.ts';

const COUNT = 4000;
const ASKED = 20;

/** Connections with half a request each; `closed` counts those that the daemon has ended. */
async function openHalf(port: number, count: number): Promise<{ sockets: Socket[]; closed(): number }> {
  let closed = 0;
  const sockets = await Promise.all(
    Array.from({ length: count }, () => {
      return new Promise<Socket>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write('GET /batch/list HTTP/1.1\r\nHost: local', () => resolve(socket));
        });
        socket.once('error', reject);
        socket.once('close', () => {
          closed += 1;
        });
      });
    }),
  );
  return { sockets, closed: () => closed };
}

it(`${COUNT} connections with half a request each keep no client from its answer`, async () => {
  const daemon = await spawnDaemon({ settings: { limits: { headers_s: 120, request_s: 120 } } });
  const half = await openHalf(daemon.port, COUNT);
  const took: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const from = performance.now();
    // Each on a connection of its own: the user behind it is looked up anew.
    const answer = await fetch(`${daemon.url}/batch/list`, { headers: { connection: 'close' } });
    await answer.text();
    took.push(performance.now() - from);
    expect(answer.status).toBe(200);
  }
  expect(await askForSocket(`${daemon.url}/ws`)).toBe('101');
  expect(half.closed()).toBe(0);
  const sorted = took.sort((a, b) => a - b).map((ms) => ms.toFixed(0));
  console.log(
    `beside ${COUNT} half-open connections: median ${sorted[ASKED / 2]} ms, slowest ${sorted.at(-1)} ms`,
  );
  for (const socket of half.sockets) socket.destroy();
});
