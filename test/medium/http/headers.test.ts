/** Whatever the daemon answers, on every route and to every mistake, no page of a browser may keep, guess or embed it. */

import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parseRaw, type Running, sendRaw, startServer, stopServers } from './running.ts';

afterEach(stopServers);

const ID = 'batch_0123456789ab';
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const folder = new URL('../../../bridge/http/routes/', import.meta.url);
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Every route as its source names it, with something in place of its parameters. */
function findRoutes(): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(new URL(name, folder), 'utf8').matchAll(
        /\.(?:get|post|put|patch|delete)\(\s*'(\/[^']*)'/g,
      ),
    ])
    .map((match) => match[1] ?? '');
  return [...new Set(found)].map((path) => path.replace(':batch_id', ID).replace(/:\w+/g, '1'));
}

/** The lines every answer has; `what` tells which answer lacks one. */
function expectSafe(what: string, received: string, { isCors = false } = {}): number {
  const { status, head } = parseRaw(received);
  const lines = head.split('\r\n');
  const valuesOf = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  expect([what, status, valuesOf('x-content-type-options')]).toEqual([what, status, ['nosniff']]);
  expect([what, status, valuesOf('cache-control')]).toEqual([what, status, ['no-store']]);
  expect([what, status, valuesOf('cross-origin-resource-policy')]).toEqual([what, status, ['same-origin']]);
  const [policy = '', ...more] = valuesOf('content-security-policy');
  const parts = policy.split('; ');
  expect([what, more, parts]).toEqual([
    what,
    [],
    expect.arrayContaining(["frame-ancestors 'none'", "base-uri 'none'"]),
  ]);
  const isPage = valuesOf('content-type')[0]?.startsWith('text/html') ?? false;
  expect([what, parts[0]]).toEqual([
    what,
    isPage ? expect.stringMatching(/^default-src '(none|self)'$/) : "default-src 'none'",
  ]);
  expect([what, policy]).toEqual([what, expect.not.stringMatching(/unsafe|\*|https?:/)]);
  if (!isCors) expect([what, head]).toEqual([what, expect.not.stringContaining('access-control')]);
  return status;
}

async function ask(running: Running, text: string): Promise<string> {
  return await sendRaw(running.port, text.replaceAll('HOST', `Host: localhost:${running.port}\r\n`));
}

const wrong: readonly [what: string, text: string, status: number][] = [
  ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['another host', 'GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n', 421],
  ['another origin', 'GET / HTTP/1.1\r\nHOSTOrigin: null\r\nConnection: close\r\n\r\n', 403],
  ['an absolute target', 'GET http://localhost/ HTTP/1.1\r\nHOSTConnection: close\r\n\r\n', 400],
  ['a tunnel', 'CONNECT localhost:80 HTTP/1.1\r\nHOST\r\n', 400],
  ['no HTTP', 'nonsense\r\n\r\n', 400],
  ['too many headers', `GET / HTTP/1.1\r\nHOSTX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['slow headers', 'GET / HTTP/1.1\r\nHOST', 408],
  ['an unknown route', 'GET /nope HTTP/1.1\r\nHOSTConnection: close\r\n\r\n', 404],
  ['a form', 'POST /photos HTTP/1.1\r\nHOSTContent-Length: 1\r\nConnection: close\r\n\r\nx', 415],
  [
    'a large body',
    'POST /photos HTTP/1.1\r\nHOSTContent-Type: application/json\r\nContent-Length: 999999\r\nConnection: close\r\n\r\n{',
    413,
  ],
  ['an upgrade of another origin', `GET /ws HTTP/1.1\r\nHOSTOrigin: http://evil.test\r\n${upgrade}\r\n`, 403],
  ['an upgrade of another host', `GET /ws HTTP/1.1\r\nHost: evil.test\r\n${upgrade}\r\n`, 421],
  ['an upgrade elsewhere', `GET /batch/list HTTP/1.1\r\nHOST${upgrade}\r\n`, 404],
  ['half an upgrade', 'GET /ws HTTP/1.1\r\nHOSTConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 400],
  ['an unknown expectation', 'GET /nope HTTP/1.1\r\nHOSTExpect: 200-maybe\r\nConnection: close\r\n\r\n', 404],
];

describe('an answer', () => {
  it('of any route to any method is safe, with a body and without', async () => {
    const running = await startServer();
    running.batches.addBatch(ID, 1);
    const routes = findRoutes();
    expect(routes.length).toBeGreaterThan(20);
    const statuses = new Set<number>();
    for (const path of routes) {
      const cases = methods.flatMap((method) => ['', '{"surprise": 1}'].map((body) => ({ method, body })));
      const answers = await Promise.all(
        cases.map(async ({ method, body }) => {
          const type =
            body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
          const query = path === '/events' ? '?timeout_s=0' : '';
          const text = `${method} ${path}${query} HTTP/1.1\r\nHOST${type}Connection: close\r\n\r\n${body}`;
          return expectSafe(`${method} ${path} ${body}`, await ask(running, text));
        }),
      );
      for (const status of answers) statuses.add(status);
    }
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404, 405, 500]));
  });

  it.each(wrong)('to %s is safe', async (what, text, status) => {
    const running = await startServer({ settings: { limits: { headers_s: 0.3, body_mb: 0.01 } } });
    const received = await ask(running, text);
    expect([what, expectSafe(what, received)]).toEqual([what, status]);
  });

  it('of a daemon that is full, starting or read-only is safe', async () => {
    const running = await startServer({ settings: { limits: { connections: 1 } } });
    const list = 'GET /batch/list HTTP/1.1\r\nHOSTConnection: close\r\n\r\n';
    const socket = `GET /ws HTTP/1.1\r\nHOST${upgrade}\r\n`;
    running.health.state = 'starting';
    for (const text of [list, socket]) expect(expectSafe('starting', await ask(running, text))).toBe(503);
    running.health.state = 'ready';
    const held = connect(running.port, '127.0.0.1');
    await once(held, 'connect');
    for (const text of [list, socket]) expect(expectSafe('full', await ask(running, text))).toBe(503);
    held.destroy();
  });

  it('to a named origin is safe too, and readable for it alone', async () => {
    const settings = { security: { allowed_origins: ['https://panel.example'] } };
    const running = await startServer({ settings, token: 'a-long-enough-token' });
    const from = 'HOSTOrigin: https://panel.example\r\n';
    const close = 'Connection: close\r\n\r\n';
    const cases: [string, string, number][] = [
      [
        'a preflight',
        `OPTIONS /photos HTTP/1.1\r\n${from}Access-Control-Request-Method: POST\r\n${close}`,
        204,
      ],
      ['no token', `GET /photos HTTP/1.1\r\n${from}${close}`, 401],
      [
        'a token',
        `GET /photos HTTP/1.1\r\n${from}Authorization: Bearer a-long-enough-token\r\n${close}`,
        200,
      ],
      ['no token for a socket', `GET /ws HTTP/1.1\r\n${from}${upgrade}\r\n`, 401],
    ];
    for (const [what, text, status] of cases) {
      expect([what, expectSafe(what, await ask(running, text), { isCors: true })]).toEqual([what, status]);
    }
  });
});
