import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import { createRequestContext } from '../../../bridge/logging/request-context.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

function setUp() {
  const { services, calls } = createStandIn();
  const app = createApp(services);
  const patch = async (
    body: string,
    { headers = {}, peer }: { headers?: Record<string, string>; peer?: string } = {},
  ) => {
    const request = new Request('http://localhost:5100/settings', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const incoming = { socket: { remoteAddress: peer } } as unknown as IncomingMessage;
    return await app.fetch(request, peer === undefined ? {} : { incoming });
  };
  return { app, calls, patch };
}

describe('the settings routes', () => {
  it('trust programs of this machine, and no web page and no other machine', async () => {
    const { calls, patch } = setUp();
    const cases: [boolean, Record<string, string>, string][] = [
      [true, {}, '127.0.0.1'],
      [true, {}, '::1'],
      [true, {}, '::ffff:127.0.0.1'],
      [false, {}, '192.168.1.7'],
      [false, {}, '::ffff:192.168.1.7'],
      [false, {}, ''],
      [false, { origin: 'http://localhost:5100' }, '127.0.0.1'],
      [false, { origin: 'null' }, '127.0.0.1'],
      [false, { origin: '' }, '127.0.0.1'],
      [false, { 'sec-fetch-site': 'same-origin' }, '127.0.0.1'],
    ];
    for (const [isTrusted, headers, peer] of cases) {
      expect((await patch('{"log":{"keep":1}}', { headers, peer })).status).toBe(200);
      expect(calls.splice(0)).toEqual([['settings', { log: { keep: 1 } }, { isTrusted }]]);
    }
  });

  it('take an object and nothing else', async () => {
    const { calls, patch } = setUp();
    for (const body of ['[]', 'null', '1', '"x"', '{', '{"__proto__":{"a":1}}'])
      expect([body, (await patch(body)).status]).toEqual([body, 400]);
    expect(calls).toEqual([]);
  });
});

describe('the route of a request', () => {
  it('is its pattern, for every method, and none where there is none', async () => {
    const { app } = setUp();
    const routeOf = async (method: string, path: string) => {
      const context = createRequestContext();
      await app.fetch(new Request(`http://localhost:5100${path}`, { method }), { context });
      return context.route;
    };
    expect(await routeOf('GET', '/batch/batch_0123456789ab/status')).toBe('/batch/:batch_id/status');
    expect(await routeOf('HEAD', '/batch/batch_0123456789ab/status')).toBe('/batch/:batch_id/status');
    expect(await routeOf('POST', '/batch/start')).toBe('/batch/start');
    expect(await routeOf('GET', '/photos/7')).toBe('/photos/:photo_id');
    for (const [method, path] of [
      ['GET', '/nope'],
      ['GET', '/batch/start'],
      ['DELETE', '/photos/7'],
      ['OPTIONS', '/photos'],
    ] as const)
      expect([path, await routeOf(method, path)]).toEqual([path, null]);
  });
});
