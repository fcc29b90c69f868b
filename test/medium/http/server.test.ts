import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type BridgeServer, createBridgeServer } from '../../../bridge/http/server.ts';
import { createLog } from '../../../bridge/log.ts';
import { parseRaw, type Running, sendRaw, startServer, stopServers } from './running.ts';
import { createStandIn, silent } from './stand-in.ts';

afterEach(stopServers);

const ID = 'batch_0123456789ab';
const hostLine = ({ port }: Running) => `Host: localhost:${port}\r\n`;
const upgradeLines =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe('the server', () => {
  it('listens on both loopback addresses with one port', async () => {
    const { port } = await startServer();
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      const response = await fetch(`http://${host}:${port}/health`);
      expect(await response.json()).toMatchObject({ status: 'ok' });
    }
  });

  it("runs the quick start guide's JavaScript example", async () => {
    const { url, batches } = await startServer();
    const startResponse = await fetch(`${url}/batch/start`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ photo_ids: [1, 2, 3, 4, 5], session_id: null }),
    });
    const { batch_id: batchId } = (await startResponse.json()) as { batch_id: string };
    await fetch(`${url}/batch/${batchId}/pause`, { method: 'POST' });
    expect(batches.api.status(batchId).status).toBe('paused');
    await fetch(`${url}/batch/${batchId}/resume`, { method: 'POST' });
    const status = await (await fetch(`${url}/batch/${batchId}/status`)).json();
    expect(status).toMatchObject({
      batch_id: batchId,
      status: 'running',
      total_photos: 5,
      progress_percent: 0,
    });
  });

  it('puts the security headers on every answer, refusals and broken requests included', async () => {
    const running = await startServer();
    const good = hostLine(running);
    const requests = [
      `GET /health HTTP/1.1\r\n${good}Connection: close\r\n\r\n`,
      `GET /nope HTTP/1.1\r\n${good}Connection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\n${good}Connection: close\r\n\r\n`,
      'GET / HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n',
      'nonsense\r\n\r\n',
      `GET /x HTTP/1.1\r\n${good}${upgradeLines}\r\n`,
    ];
    for (const text of requests) {
      const { head, status } = parseRaw(await sendRaw(running.port, text));
      expect(status).toBeGreaterThanOrEqual(200);
      for (const header of [
        'x-content-type-options: nosniff',
        'cache-control: no-store',
        'cross-origin-resource-policy: same-origin',
        "content-security-policy: default-src 'none'",
      ]) {
        expect(head).toContain(header);
      }
      expect(head).not.toContain('access-control');
    }
  });

  it('answers broken and strange requests as problems', async () => {
    const running = await startServer();
    const good = hostLine(running);
    const cases: [string, number][] = [
      ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      ['GET / HTTP/1.0\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\n${good}${good}Connection: close\r\n\r\n`, 400],
      [`GET http://localhost:${running.port}/ HTTP/1.1\r\n${good}Connection: close\r\n\r\n`, 400],
      [`OPTIONS * HTTP/1.1\r\n${good}Connection: close\r\n\r\n`, 400],
      [`CONNECT localhost:80 HTTP/1.1\r\n${good}\r\n`, 400],
      ['GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\r\n', 421],
      [`GET /a\\b HTTP/1.1\r\n${good}Connection: close\r\n\r\n`, 400],
      [`GET / HTTP/1.1\r\n${good}Origin: null\r\nConnection: close\r\n\r\n`, 403],
      [`POST /batch/start HTTP/1.1\r\n${good}Content-Length: 2\r\nConnection: close\r\n\r\n{}`, 415],
      [`POST /batch/start HTTP/1.1\r\n${good}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`, 400],
      [
        `POST /batch/start HTTP/1.1\r\n${good}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
        400,
      ],
      [`GET / HTTP/1.1\r\n${good}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      [`FOO / HTTP/1.1\r\n${good}\r\n`, 400],
      [`GET /batch/%zz/status HTTP/1.1\r\n${good}Connection: close\r\n\r\n`, 404],
      [`GET /ws HTTP/1.1\r\n${good}Connection: close\r\n\r\n`, 404],
    ];
    for (const [text, status] of cases) {
      const answer = parseRaw(await sendRaw(running.port, text));
      expect([text.slice(0, 80), answer.status]).toEqual([text.slice(0, 80), status]);
      expect(answer.problem).toMatchObject({ status, error: expect.any(String), code: expect.any(String) });
    }
  });

  it('guards the WebSocket upgrade with the same rules', async () => {
    const running = await startServer();
    const good = hostLine(running);
    const cases: [string, number][] = [
      [good, 101],
      [`${good}Origin: http://localhost:${running.port}\r\n`, 101],
      [`${good}Origin: http://evil.com\r\n`, 403],
      [`${good}Origin: null\r\n`, 403],
      [`${good}Sec-Fetch-Site: cross-site\r\n`, 403],
      ['Host: evil.com\r\n', 421],
      ['', 400],
    ];
    for (const [lines, status] of cases) {
      const text = `GET /ws HTTP/1.1\r\n${lines}${upgradeLines}\r\n`;
      const received = await sendRaw(running.port, text, {
        isEnough: (all) => all.includes('connection_established'),
      });
      expect([lines, parseRaw(received).status]).toEqual([lines, status]);
    }
    const bad = `GET /ws HTTP/1.1\r\n${good}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(parseRaw(await sendRaw(running.port, bad)).status).toBe(400);
  });

  it('ignores an upgrade to anything else', async () => {
    const running = await startServer();
    const text = `GET /health HTTP/1.1\r\n${hostLine(running)}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`;
    expect(parseRaw(await sendRaw(running.port, text)).status).toBe(200);
  });

  it('stops reading a body at the limit and still answers, declared or not', async () => {
    const running = await startServer({ settings: { limits: { body_mb: 0.01 } } });
    const head = `POST /batch/cleanup HTTP/1.1\r\n${hostLine(running)}Content-Type: application/json\r\n`;
    const declared = parseRaw(
      await sendRaw(running.port, `${head}Content-Length: 99999999\r\nConnection: close\r\n\r\n{`),
    );
    expect([declared.status, declared.problem.error]).toEqual([
      413,
      expect.stringContaining('limits.body_mb'),
    ]);
    const chunk = `8000\r\n${' '.repeat(0x8000)}\r\n`;
    const streamed = parseRaw(
      await sendRaw(running.port, `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}`),
    );
    expect(streamed.status).toBe(413);
    const asking = `${head}Content-Length: 99999999\r\nExpect: 100-continue\r\nOrigin: null\r\n\r\n`;
    expect(parseRaw(await sendRaw(running.port, asking)).status).toBe(403);
  });

  it('ends requests whose headers never end, naming the setting', async () => {
    const running = await startServer({ settings: { limits: { headers_s: 0.2 } } });
    const { status, problem } = parseRaw(
      await sendRaw(running.port, `GET / HTTP/1.1\r\n${hostLine(running)}`),
    );
    expect([status, problem.error]).toEqual([408, expect.stringContaining('limits.headers_s')]);
  });

  it('answers 503 to connections above the limit and serves again when there is room', async () => {
    const running = await startServer({ settings: { limits: { connections: 3 } } });
    const held = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const socket = connect(running.port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      }),
    );
    const text = `GET /health HTTP/1.1\r\n${hostLine(running)}Connection: close\r\n\r\n`;
    const refused = parseRaw(await sendRaw(running.port, text));
    expect([refused.status, refused.problem.error]).toEqual([
      503,
      expect.stringContaining('limits.connections'),
    ]);
    expect(refused.head).toContain('retry-after: 1');
    for (const socket of held) socket.destroy();
    await expect.poll(async () => parseRaw(await sendRaw(running.port, text)).status).toBe(200);
  });

  it('accepts a connection of this user under the user check', async () => {
    const { url } = await startServer({ settings: { security: { same_user_only: true } } });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'refuses another user of this machine, over either address',
    async () => {
      const { port, setSettings } = await startServer();
      const asNobody = (host: string) => fetchAsNobody(`http://${host}:${port}/health`);
      expect(await asNobody('127.0.0.1')).toBe('403');
      expect(await asNobody('[::1]')).toBe('403');
      setSettings({ security: { same_user_only: false } });
      expect(await asNobody('127.0.0.1')).toBe('200');
    },
  );

  it('lets a named origin in with the token only, and answers its preflight without', async () => {
    const settings = { security: { allowed_origins: ['https://panel.example'] } };
    const { url } = await startServer({ settings, token: 'a-long-enough-token' });
    const origin = { origin: 'https://panel.example' };
    const refused = await fetch(`${url}/health`, { headers: origin });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, null]);
    const headers = { ...origin, authorization: 'Bearer a-long-enough-token' };
    const allowed = await fetch(`${url}/health`, { headers });
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://panel.example',
    ]);
    const preflight = { method: 'OPTIONS', headers: { ...origin, 'access-control-request-method': 'POST' } };
    const asked = await fetch(`${url}/batch/start`, preflight);
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('authorization'),
    ]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('refuses to listen beyond this machine without a token', async () => {
    await expect(startServer({ settings: { server: { port: 0, host: '0.0.0.0' } } })).rejects.toMatchObject({
      code: 'token_needed',
      message: expect.stringContaining('security.token_file'),
    });
  });

  it('says which port is taken and what to change', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startServer({ settings: { server: { port } } })).rejects.toMatchObject({
      code: 'port_in_use',
      port,
      message: expect.stringContaining('server.port'),
    });
    other.close();
  });
});

describe('closing', () => {
  it('answers waiting polls, closes kept connections and accepts nothing more', async () => {
    const { url, server, port, events } = await startServer();
    const poll = fetch(`${url}/events?since=${events.seq}&timeout_s=30`);
    const idle = await openKeepAlive(port);
    const idleClosed = once(idle, 'close');
    await expect.poll(() => fetch(`${url}/health`).then((answer) => answer.status)).toBe(200);
    await server.close({ deadlineMs: 5000 });
    expect(await (await poll).json()).toEqual({ events: [], seq: events.seq });
    await idleClosed;
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed');
  });

  it('cuts off at the deadline what does not end', async () => {
    const { server, port } = await startServer();
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /batch/start HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await once(socket, 'ready');
    const ended = once(socket, 'close');
    socket.resume();
    await server.close({ deadlineMs: 50 });
    await ended;
  });

  it('can be done before listening', async () => {
    const standIn = createStandIn();
    const sockets = { upgrade: () => undefined, close: async () => undefined };
    const server: BridgeServer = createBridgeServer({
      app: { fetch: async () => new Response() },
      sockets,
      settings: standIn.settings,
      health: standIn.services.health,
      token: null,
      log: silent,
    });
    await server.close({ deadlineMs: 10 });
  });
});

describe('a client that leaves', () => {
  it('ends its waiting poll', async () => {
    const { port, batches, calls } = await startServer();
    batches.addBatch(ID, 1);
    const leaving = request({
      port,
      host: '127.0.0.1',
      path: `/batch/${ID}/status?wait_s=30`,
      headers: { host: `localhost:${port}` },
    });
    leaving.on('error', () => undefined);
    leaving.end();
    await expect.poll(() => calls.length).toBe(1);
    const signal = calls[0]?.[4] as AbortSignal;
    leaving.destroy();
    await expect.poll(() => signal.aborted).toBe(true);
  });
});

describe('a client that leaves while its picture is made', () => {
  it('is no failure in the log', async () => {
    const said: string[] = [];
    const log = createLog('trace', { write: (line) => said.push(line) });
    const { port, services } = await startServer({ log });

    const asked = Promise.withResolvers<AbortSignal>();
    services.photos.thumbnail = (_photoId, _size, signal) => {
      if (signal !== undefined) asked.resolve(signal);
      return new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    };
    const headers = { host: `localhost:${port}` };
    const leaving = request({ port, host: '127.0.0.1', path: '/photos/1/thumbnail', headers });
    leaving.on('error', () => undefined).end();
    const signal = await asked.promise;
    leaving.destroy();
    await expect.poll(() => signal.aborted).toBe(true);
    await fetch(`http://localhost:${port}/health`);
    expect(said.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

/** The status another user's process gets, as text. */
async function fetchAsNobody(url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then((answer) => console.log(answer.status), (error) => console.log(error.cause))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    uid: 65_534,
    gid: 65_534,
    cwd: '/',
  });
  return stdout.trim();
}

async function openKeepAlive(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /health HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}
