import { describe, expect, it } from 'vitest';
import { upTo } from './campaign.ts';
import { frames } from './frames.ts';
import { routesOfTheApp, routeTable } from './route-table.ts';
import { judge, type Request, routes, runRoutes } from './routes.ts';

const missing = await routes.missing();
if (missing !== null) console.log(`skipped: fuzz of the routes (${missing})`);

describe('the table of routes that are fuzzed', () => {
  it('has every route there is', () => {
    expect(routeTable.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(routesOfTheApp());
  });
});

describe.skipIf(missing !== null)('requests made from the schemas and spoilt', () => {
  it('are answered without a fault of the daemon, and what is refused changes nothing', async () => {
    const figures = await routes.run({ seed: 11, goesOn: upTo(300) });
    expect(figures.problems).toEqual([]);
    expect(figures.cases).toBe(300);
    // Both sides are tried.
    expect(figures.outcomes['200']).toBeGreaterThan(30);
    expect(figures.outcomes['400']).toBeGreaterThan(30);
  }, 120_000);

  it('are seen to change something when a refusal does', async () => {
    const meanwhile = async ({
      daemon,
      batchIds: [running = ''],
    }: {
      daemon: { url: string };
      batchIds: readonly string[];
    }) =>
      fetch(`${daemon.url}/batch/${running}/hold`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client: 'c', reason: String(Math.random()), lease_s: 5000 }),
      });
    const { problems } = await runRoutes({ seed: 11, goesOn: upTo(20) }, { meanwhile });
    expect(problems.join()).toContain('changed something');
  }, 120_000);

  it('are seen to have reached a prototype', async () => {
    const { problems } = await runRoutes({ seed: 11, goesOn: upTo(1) }, { env: { FUZZ_POLLUTED: '1' } });
    expect(problems.join()).toContain('prototypes: Object.prototype.polluted');
  }, 120_000);
});

describe('an answer', () => {
  const request: Request = { method: 'POST', path: '/x', headers: {}, body: null };
  const headers = { 'content-type': 'application/problem+json' };
  const problem = { status: 400, detail: 'd', error: 'd', code: 'bad_request' };

  it('that is a whole problem is right', () => {
    expect(judge(request, { status: 400, headers, body: JSON.stringify(problem) })).toBeNull();
    expect(judge(request, { status: 200, headers: {}, body: '' })).toBeNull();
  });

  it.each([
    [500, headers, problem],
    [503, headers, problem],
    [302, headers, problem],
    [400, { 'content-type': 'text/plain' }, problem],
    [400, headers, { ...problem, error: undefined }],
    [404, headers, problem],
    [400, headers, { ...problem, code: undefined }],
    [0, {}, {}],
  ])('%s %o %o is wrong', (status, given, body) => {
    expect(judge(request, { status, headers: given, body: JSON.stringify(body) })).not.toBeNull();
  });
});

describe.skipIf(missing !== null)('frames made from the schema of the WebSocket and spoilt', () => {
  it('are each answered, and the connection stays', async () => {
    const figures = await frames.run({ seed: 12, goesOn: upTo(400) });
    expect(figures.problems).toEqual([]);
    expect(Object.keys(figures.outcomes).sort()).toEqual(
      expect.arrayContaining(['error', 'pong', 'registration_confirmed', 'subscription_confirmed']),
    );
  }, 120_000);
});
