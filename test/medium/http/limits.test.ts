/** Every input limit at its border: at and below it a request is served, above it the answer names the setting. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { Client } from '../ws/client.ts';
import { parseRaw, type Running, sendRaw, startServer, stopServers } from './running.ts';

afterEach(stopServers);

const KB = 1024;
const json = { 'content-type': 'application/json' };
const hostLine = ({ port }: Running) => `Host: localhost:${port}\r\n`;

/** A JSON text of exactly so many bytes: blanks fill it up. */
function toSized(value: unknown, bytes: number): string {
  const text = JSON.stringify(value);
  return text.slice(0, -1) + ' '.repeat(bytes - text.length) + text.slice(-1);
}

async function post(url: string, body: string | ReadableStream, headers: Record<string, string> = json) {
  const init = {
    method: 'POST',
    headers,
    body,
    ...(typeof body === 'string' ? {} : { duplex: 'half' as const }),
  };
  const answer = await fetch(url, init as RequestInit);
  const { error } = (await answer.json()) as { error?: string };
  return [answer.status, error ?? ''] as const;
}

it('has the limits of the specification when no setting changes them', () => {
  expect(settingsSchema.parse({}).limits).toMatchObject({
    headers_s: 5,
    request_s: 30,
    body_mb: 16,
    start_body_mb: 64,
    ws_message_kb: 64,
    ws_buffer_mb: 1,
    ws_patience_s: 30,
    photos_per_batch: 1_000_000,
    connections: 4096,
  });
});

describe('the size of a body', () => {
  it.each([
    ['/batch/cleanup', 'body_mb', { days_old: 9 }],
    ['/photos', 'body_mb', { paths: ['/a.jpg'] }],
    ['/batch/start', 'start_body_mb', { photo_ids: [1] }],
    ['/batch/plan', 'start_body_mb', { photo_ids: [1] }],
  ])('of %s is taken up to limits.%s, and refused a byte above it', async (path, setting, value) => {
    const limits = { body_mb: 2 / KB, start_body_mb: 2 / KB, [setting]: 4 / KB };
    const { url, calls, batches } = await startServer({ settings: { limits } });
    batches.addBatch('batch_0123456789ab', 1);
    for (const bytes of [4 * KB - 1, 4 * KB]) {
      const [status] = await post(url + path, toSized(value, bytes));
      expect([bytes, status]).not.toEqual([bytes, 413]);
    }
    const before = calls.length;
    const above = [413, expect.stringContaining(`setting limits.${setting}`)];
    expect(await post(url + path, toSized(value, 4 * KB + 1))).toEqual(above);
    const stream = new Blob([toSized(value, 4 * KB + 1)]).stream();
    expect(await post(url + path, stream)).toEqual(above);
    expect(calls.length).toBe(before);
  });
});

describe('the time for a request', () => {
  it('ends headers that do not, byte by byte or not at all, and serves those in time', async () => {
    const running = await startServer({ settings: { limits: { headers_s: 0.6 } } });
    const slow = sendSlowly(running, `GET /health HTTP/1.1\r\n${hostLine(running)}X: `, () => 'x');
    const silent = sendSlowly(running, '', () => '');
    const inTime = sendRaw(
      running.port,
      `GET /health HTTP/1.1\r\n${hostLine(running)}Connection: close\r\n\r\n`,
    );
    expect(parseRaw(await inTime).status).toBe(200);
    const { status, problem } = parseRaw(await slow);
    expect([status, problem.error]).toEqual([408, expect.stringContaining('limits.headers_s')]);
    expect([0, 408]).toContain(parseRaw(await silent).status || 0);
  });

  it('ends a body that comes byte by byte, and takes one that comes in time', async () => {
    const running = await startServer({ settings: { limits: { request_s: 0.6 } } });
    const head = (length: number) =>
      `POST /batch/cleanup HTTP/1.1\r\n${hostLine(running)}Content-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
    const before = running.calls.length;
    const { status, problem } = parseRaw(await sendSlowly(running, head(10_000), () => ' '));
    expect([status, problem.error]).toEqual([408, expect.stringContaining('limits.request_s')]);
    expect(running.calls.length).toBe(before);
    const parts = ['{', '"days', '_old"', ': 9', '}'];
    const length = parts.join('').length;
    expect(parseRaw(await sendSlowly(running, head(length), () => parts.shift() ?? '', 20)).status).toBe(200);
  });
});

/** Sends the start, then a piece at a time until the server ends it. */
function sendSlowly(running: Running, start: string, next: () => string, everyMs = 50): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(running.port, '127.0.0.1', () => socket.write(start));
    let received = '';
    const timer = setInterval(() => socket.write(next()), everyMs);
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(received);
    });
  });
}

describe('a WebSocket message', () => {
  it('is read up to limits.ws_message_kb, refused above it, and ends the connection far above it', async () => {
    const { port } = await startServer({ settings: { limits: { ws_message_kb: 2 } } });
    const client = await Client.open(port);
    for (const bytes of [2 * KB - 1, 2 * KB]) {
      const pong = await client.ask(toSized({ type: 'ping' }, bytes), 'pong');
      expect(pong.type).toBe('pong');
    }
    const refused = await client.ask(toSized({ type: 'ping' }, 2 * KB + 1), 'error');
    expect(refused.error).toContain('setting limits.ws_message_kb');
    expect((await client.ask({ type: 'ping' }, 'pong')).type).toBe('pong');
    client.send(toSized({ type: 'ping' }, 8 * KB + 1));
    expect(await client.closed).toBe(1009);
  });
});

describe('the photos of a batch', () => {
  it.each([
    ['photo_ids', (n: number) => n + 1],
    ['photos', (n: number) => ({ path: `/${n}.jpg` })],
  ])('given as %s are taken up to limits.photos_per_batch', async (field, toPhoto) => {
    const { url } = await startServer({ settings: { limits: { photos_per_batch: 5 } } });
    const start = (count: number) =>
      post(
        `${url}/batch/start`,
        JSON.stringify({ [field]: Array.from({ length: count }, (_, n) => toPhoto(n)) }),
      );
    expect((await start(4))[0]).toBe(200);
    expect((await start(5))[0]).toBe(200);
    expect(await start(6)).toEqual([422, expect.stringContaining('setting limits.photos_per_batch')]);
  });
});

describe('connections', () => {
  async function hold(port: number, count: number): Promise<Socket[]> {
    const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return sockets;
  }
  const limits = { connections: 4 };

  it('are served up to limits.connections, refused above it, and far above it cut off', async () => {
    const running = await startServer({ settings: { limits } });
    const text = `GET /health HTTP/1.1\r\n${hostLine(running)}Connection: close\r\n\r\n`;
    const held = await hold(running.port, limits.connections - 1);
    expect(parseRaw(await sendRaw(running.port, text)).status).toBe(200);
    held.push(...(await hold(running.port, 1)));
    const refused = parseRaw(await sendRaw(running.port, text));
    expect([refused.status, refused.head]).toEqual([503, expect.stringContaining('retry-after: 1')]);
    expect(refused.problem.error).toContain('setting limits.connections');
    held.push(...(await hold(running.port, 64)));
    expect(await sendRaw(running.port, text).catch(() => '')).toBe('');
    for (const socket of held) socket.destroy();
  });

  it('that were refused are closed, so that the same client gets in when there is room', async () => {
    const running = await startServer({ settings: { limits } });
    const held = await hold(running.port, limits.connections);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => {
      const asked = request(`${running.url}/health`, { agent }).end();
      const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return answer.statusCode;
    };
    expect(await ask()).toBe(503);
    for (const socket of held) socket.destroy();
    await expect.poll(ask).toBe(200);
    agent.destroy();
  });
});

describe('text and numbers', () => {
  const path = (length: number) => `/${'p'.repeat(length - 1)}`;
  const bounded: [what: string, route: string, max: number, toBody: (length: number) => unknown][] = [
    ['a path', '/batch/start', 4096, (n) => ({ photos: [{ path: path(n) }] })],
    ['a reference', '/batch/start', 255, (n) => ({ photos: [{ path: '/a', ref: 'r'.repeat(n) }] })],
    ['a glob', '/batch/start', 255, (n) => ({ select: { folder: '/a', glob: 'g'.repeat(n) } })],
    ['a path to register', '/photos', 4096, (n) => ({ paths: [path(n)] })],
    ['a folder', '/photos', 4096, (n) => ({ folder: path(n) })],
    ['a glob of a folder', '/photos', 255, (n) => ({ folder: '/a', glob: 'g'.repeat(n) })],
    ['a reason', '/batch/batch_0123456789ab/pause', 1000, (n) => ({ reason: 'r'.repeat(n) })],
    [
      'the name of a holder',
      '/batch/batch_0123456789ab/hold',
      100,
      (n) => ({ client: 'c'.repeat(n), reason: '', lease_s: 1 }),
    ],
    [
      'the reason of a hold',
      '/batch/batch_0123456789ab/hold',
      1000,
      (n) => ({ client: 'c', reason: 'r'.repeat(n), lease_s: 1 }),
    ],
    ['the name of a preset', '/photos/1/preview', 255, (n) => ({ preset: 'p'.repeat(n) })],
  ];

  it.each(bounded)(
    '%s of %s is taken with %d characters and not with one more',
    async (_what, route, max, toBody) => {
      const { url, batches } = await startServer();
      batches.addBatch('batch_0123456789ab', 1);
      const ask = (length: number) => post(url + route, JSON.stringify(toBody(length)));
      for (const length of [max - 1, max]) {
        const answer = await fetch(url + route, {
          method: 'POST',
          headers: json,
          body: JSON.stringify(toBody(length)),
        });
        expect([length, answer.status]).not.toEqual([length, 400]);
        await answer.arrayBuffer();
      }
      expect((await ask(max + 1))[0]).toBe(400);
    },
  );

  it('keeps the idempotency key to 255 characters', async () => {
    const { url } = await startServer();
    const start = (length: number) =>
      post(`${url}/batch/start`, '{"photo_ids": [1]}', { ...json, 'idempotency-key': 'k'.repeat(length) });
    expect([(await start(255))[0], (await start(256))[0]]).toEqual([200, 400]);
  });

  it('refuses numbers that are not finite wherever they stand, and prototypes, and leaves Object alone', async () => {
    const { url, port, batches, calls } = await startServer();
    batches.addBatch('batch_0123456789ab', 1);
    const before = calls.length;
    // Each of them stands where any JSON may stand, in a body that is right otherwise.
    const values = ['1e999', '-1e999', '[{"a": 1e400}]', '{"__proto__": {"x": 1}}', '[{"__proto__": null}]'];
    const words = ['NaN', 'Infinity', '{"constructor": {"prototype": {"x": 1}}}', '"a\\u0000b"'];
    for (const value of [...values, ...words]) {
      const body = `{"photo_ids": [1], "config": {"any": ${value}}}`;
      expect([body, (await post(`${url}/batch/start`, body))[0]]).toEqual([body, 400]);
    }
    const days = ['{"days_old": 1e999}', '{"days_old": NaN}', '{"__proto__": {"days_old": 1}}'];
    for (const body of days)
      expect([body, (await post(`${url}/batch/cleanup`, body))[0]]).toEqual([body, 400]);
    for (const value of ['1e999', 'Infinity', 'NaN', '-1', '1e', '%00']) {
      for (const query of [
        `events?since=${value}`,
        `events?timeout_s=${value}`,
        `batch/list?limit=${value}`,
      ]) {
        expect([query, (await fetch(`${url}/${query}`)).status]).toEqual([query, 400]);
      }
    }
    const client = await Client.open(port);
    const frames = [
      '{"type": "ping", "__proto__": {"x": 1}}',
      '{"type": "subscribe", "channels": ["system"], "since": 1e999}',
    ];
    for (const frame of frames) expect((await client.ask(frame, 'error')).type).toBe('error');
    await client.close();
    expect(calls.length).toBe(before);
    expect((await post(`${url}/batch/start`, '{"photo_ids": [1], "config": {"any": 1e99}}'))[0]).toBe(200);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('takes JSON 64 levels deep and not 65', async () => {
    const { url } = await startServer();
    const nested = (depth: number) => `{"days_old": ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    const [, at] = await post(`${url}/batch/cleanup`, nested(64));
    const [, above] = await post(`${url}/batch/cleanup`, nested(65));
    expect([at, above]).toEqual([
      expect.not.stringContaining('deeper'),
      expect.stringContaining('deeper than 64'),
    ]);
  });
});
