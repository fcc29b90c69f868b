import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createClient } from '../../../bridge/client/index.ts';
import { collect } from '../../helpers/collect.ts';

type Subscribe = { type: string; channels: string[]; since?: number };

/** Each script gets one connection, in order, and the frame it subscribed with. */
async function startSocket(...scripts: ((socket: WebSocket, frame: Subscribe) => void)[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/ws' });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const frames: Subscribe[] = [];
  server.on('connection', (socket) => {
    socket.send(JSON.stringify({ type: 'connection_established', client_id: 'c', seq: 100 }));
    socket.once('message', (data) => {
      const frame = JSON.parse(String(data)) as Subscribe;
      frames.push(frame);
      socket.send(JSON.stringify({ type: 'subscription_confirmed', channels: frame.channels }));
      scripts.shift()?.(socket, frame);
    });
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, frames };
}

const send = (socket: WebSocket, ...seqs: number[]) => {
  for (const seq of seqs) socket.send(JSON.stringify({ type: 'settings_changed', seq, keys: [] }));
};

describe('events', () => {
  it('reconnects and asks for what came after the last event it saw', async () => {
    const { url, frames } = await startSocket(
      (socket) => {
        send(socket, 101, 102);
        socket.close();
      },
      (socket) => send(socket, 103),
    );
    const seen: (number | undefined)[] = [];
    for await (const event of createClient({ url }).events({ channels: ['system'], since: 90 })) {
      seen.push(event.seq);
      if (event.seq === 103) break;
    }
    expect(seen).toEqual([101, 102, 103]);
    expect(frames).toEqual([
      { type: 'subscribe', channels: ['system'], since: 90 },
      { type: 'subscribe', channels: ['system'], since: 102 },
    ]);
  });

  it('misses nothing between connecting and the first event', async () => {
    const { url, frames } = await startSocket(
      (socket) => socket.close(),
      (socket) => send(socket, 101),
    );
    for await (const _event of createClient({ url }).events()) break;
    expect(frames.map(({ since }) => since)).toEqual([undefined, 100]);
  });

  it('hands on resync and ends with its signal', async () => {
    const { url } = await startSocket((socket) => socket.send(JSON.stringify({ type: 'resync', seq: 500 })));
    const controller = new AbortController();
    const types: string[] = [];
    for await (const event of createClient({ url }).events({ since: 1, signal: controller.signal })) {
      types.push(event.type);
      controller.abort();
    }
    expect(types).toEqual(['resync']);
  });

  it('throws what the daemon says about an unknown channel', async () => {
    const { url } = await startSocket((socket) =>
      socket.send(JSON.stringify({ type: 'error', error: 'Unknown channel: nope', timestamp: '' })),
    );
    const events = createClient({ url }).events({ channels: ['nope'] });
    await expect(events.next()).rejects.toThrow('Unknown channel: nope');
  });

  it('waits for a daemon that is not there yet and ends when told to', async () => {
    const signal = AbortSignal.timeout(100);
    expect(await collect(createClient({ url: 'http://127.0.0.1:1' }).events({ signal }))).toEqual([]);
  });
});
