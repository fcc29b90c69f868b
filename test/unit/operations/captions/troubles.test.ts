import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createCaptionServer } from '../../../../bridge/operations/captions/caption-server.ts';
import { parseConnection } from '../../../../bridge/operations/captions/connection.ts';
import { probeInstance, toInstance } from '../../../../bridge/operations/captions/instance.ts';
import { backOff, usualPolicy } from '../../../../bridge/operations/captions/retry.ts';
import { startMastodon } from '../../../helpers/mastodon/server.ts';
import { captionsFor, createTestPace, publishOne } from './fixture.ts';

describe('a server in trouble', () => {
  it.each([408, 429, 500, 502, 503, 504, 520, 521, 527])(
    'is asked again after a %d, also one with a page of HTML',
    async (status) => {
      const server = await startMastodon();
      const post = server.addPost();
      const pace = createTestPace();
      server.trouble({ on: 'PUT', status });
      const outcome = await publishOne(server, captionsFor(post), { pace });
      expect(outcome.results[0]).toMatchObject({ status: 'published', verified: true });
      expect(server.writes().map((write) => write.status)).toEqual([status, 200]);
      expect(pace.delays).toEqual([750, 2000]);
    },
  );

  it.each([400, 401, 403, 404, 410, 422])('is not asked again after a %d', async (status) => {
    const server = await startMastodon();
    const post = server.addPost();
    const pace = createTestPace();
    server.trouble({ on: 'PUT', status, body: '{"error":"No such luck"}' });
    const outcome = await publishOne(server, captionsFor(post), { pace });
    expect(outcome.results[0]).toMatchObject({ status: 'failed', verified: false });
    expect(outcome.results[0]?.error).toMatchObject({ retryable: false });
    expect(outcome.results[0]?.error?.message).toContain(`${status}: No such luck`);
    expect(server.writes()).toHaveLength(1);
    expect(pace.delays).toEqual([]);
    expect(server.post(post.id)).toEqual(post);
  });

  it('is given up after 3 attempts, 1 s and 2 s apart, and the post is untouched', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['old'] });
    const pace = createTestPace();
    server.trouble({ on: 'PUT', status: 503, times: 9 });
    const outcome = await publishOne(server, captionsFor(post), { pace });
    expect(outcome.results[0]).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', retryable: true },
    });
    expect(server.writes()).toHaveLength(3);
    expect(pace.delays).toEqual([750, 1500, 2000]);
    expect(server.post(post.id)).toEqual(post);
  });

  it('is not sent a second edit when the first arrived and only its answer was lost', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null] });
    server.trouble({ on: 'PUT', drop: true, applied: true });
    const outcome = await publishOne(server, captionsFor(post));
    expect(outcome).toMatchObject({ edits: 1, results: [{ status: 'published' }, { status: 'published' }] });
    expect(server.writes()).toHaveLength(1);
    expect(server.post(post.id).edits).toBe(1);
  });

  it('counts an edit as published that arrived though all answers were bad', async () => {
    const server = await startMastodon();
    const post = server.addPost();
    server.trouble({ on: 'PUT', status: 500, applied: true });
    server.trouble({ on: 'GET /api/v1/statuses' });
    server.trouble({ on: /GET .*source/ });
    server.trouble({ on: 'GET /api/v1/statuses', status: 500, times: 2 });
    const outcome = await publishOne(server, captionsFor(post));
    expect(outcome.results[0]).toMatchObject({ status: 'published', verified: true });
    expect(server.writes()).toHaveLength(1);
  });

  it('connection errors are retried', async () => {
    const server = await startMastodon();
    const post = server.addPost();
    server.trouble({ on: 'GET /api/v1/statuses', drop: true, times: 2 });
    expect((await publishOne(server, captionsFor(post))).results[0]?.status).toBe('published');
  });

  it('429 obeyed: Retry-After in seconds is waited, exactly', async () => {
    const server = await startMastodon();
    const pace = createTestPace();
    server.trouble({ on: 'PUT', status: 429, headers: { 'retry-after': '87' } });
    await publishOne(server, captionsFor(server.addPost()), { pace });
    expect(pace.delays).toEqual([87_000, 2000]);
  });

  it.each(['retry-after', 'x-ratelimit-reset'])('429 obeyed: %s as a date', async (name) => {
    const server = await startMastodon();
    const pace = createTestPace();
    const at = new Date(pace.now() + 40_000);
    const headers = { [name]: name === 'retry-after' ? at.toUTCString() : at.toISOString() };
    server.trouble({ on: 'PUT', status: 429, headers });
    await publishOne(server, captionsFor(server.addPost()), { pace });
    expect(pace.delays).toEqual([40_000, 2000]);
  });

  it('429 obeyed: a rate limiter is never met twice in its window', async () => {
    const pace = createTestPace();
    const server = await startMastodon({ now: pace.now, rateLimit: { requests: 4, seconds: 300 } });
    for (const post of [server.addPost(), server.addPost()]) {
      expect((await publishOne(server, captionsFor(post), { pace })).results[0]?.status).toBe('published');
    }
    const limited = server.log.filter(({ status }) => status === 429);
    const windows = Math.ceil(server.log.length / 5);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited.length).toBeLessThanOrEqual(windows);
  });

  it('is believed when it wants us to stay away for hours: that is a refusal for now', async () => {
    const server = await startMastodon();
    const pace = createTestPace();
    server.trouble({ on: 'PUT', status: 429, headers: { 'retry-after': '7200' } });
    const outcome = await publishOne(server, captionsFor(server.addPost()), { pace });
    expect(outcome.results[0]?.error).toMatchObject({ code: 'rate_limited', retryable: true });
    expect(server.writes()).toHaveLength(1);
    expect(pace.delays).toEqual([]);
  });

  it('that sends us elsewhere is not followed with the token', async () => {
    const server = await startMastodon();
    const other = await startMastodon();
    server.trouble({
      on: 'GET /api/v1/statuses',
      status: 301,
      headers: { location: `${other.url}/api/v1/x` },
    });
    const outcome = await publishOne(server, captionsFor(server.addPost()));
    expect(outcome.results[0]?.error?.message).toContain(`redirected to ${other.url}`);
    expect(other.log).toEqual([]);
  });

  it("another account's post fails alone, with what to do", async () => {
    const server = await startMastodon();
    const post = server.addPost({ account: 'bob' });
    const outcome = await publishOne(server, captionsFor(post));
    expect(outcome.results[0]?.error).toMatchObject({ code: 'post_not_found' });
    expect(outcome.results[0]?.error?.message).toContain('belongs to another account');
  });

  it('that answers nonsense fails the post, not the program', async () => {
    const server = await startMastodon();
    server.trouble({ on: 'GET /api/v1/statuses', status: 200, body: '{"id": 7}' });
    const outcome = await publishOne(server, captionsFor(server.addPost()));
    expect(outcome.results[0]?.error).toMatchObject({ code: 'server_error' });
  });

  it('that is too slow counts as out of reach', async () => {
    const server = await startMastodon();
    server.trouble({ on: 'GET', before: () => new Promise(() => undefined) });
    const connection = parseConnection({ server: server.url, token: server.token });
    await expect(createCaptionServer(connection, { timeoutMs: 30 }).fetchInstance()).rejects.toMatchObject({
      kind: 'timeout',
      message: 'GET /api/v2/instance was not answered within 30 ms',
    });
  });

  it('is not waited for when the batch is stopped', async () => {
    const server = await startMastodon();
    const stop = new AbortController();
    server.trouble({
      on: 'GET /api/v1/statuses',
      before: () => {
        stop.abort();
        return new Promise(() => undefined);
      },
    });
    const outcome = await publishOne(server, captionsFor(server.addPost()), { signal: stop.signal });
    expect(outcome.results[0]?.status).toBe('stopped');
  });
});

describe('waiting between attempts', () => {
  it('doubles from 1 s to a cap of 30 s, less a random half', () => {
    expect([1, 2, 3, 9].map((attempt) => backOff(attempt, usualPolicy, 1))).toEqual([
      1000, 2000, 4000, 30_000,
    ]);
    expect([1, 2, 9].map((attempt) => backOff(attempt, usualPolicy, 0))).toEqual([500, 1000, 15_000]);
  });
});

describe('the connection', () => {
  it('shows its token to nobody', async () => {
    const server = await startMastodon();
    const connection = parseConnection({ server: server.url, token: server.token });
    server.trouble({ on: 'GET', status: 400, body: JSON.stringify({ error: `bad token ${server.token}` }) });
    const api = createCaptionServer(connection);
    const fault: unknown = await api.fetchInstance().catch((thrown: unknown) => thrown);
    const shown = [
      JSON.stringify(connection),
      inspect(connection),
      String(fault),
      inspect(fault),
      inspect(api, { depth: 9 }),
    ];
    expect(String(fault)).toContain('bad token [token]');
    for (const text of shown) expect(text).not.toContain(server.token);
  });

  it('lets no writing request out when it may only read', async () => {
    const server = await startMastodon();
    const api = createCaptionServer(parseConnection({ server: server.url, token: server.token }), {
      readOnly: true,
    });
    await expect(api.updateMedia('1', 'x')).rejects.toMatchObject({ kind: 'read_only' });
    expect(server.log).toEqual([]);
  });

  it.each([
    [{}, 'No server is set: set ACTIVITYPUB_INSTANCE_URL'],
    [{ server: 'ftp://x.example', token: 'abcd' }, 'cannot be used'],
    [{ server: 'https://me:pass@x.example', token: 'abcd' }, 'cannot be used'],
    [{ server: 'x.example' }, 'No access token for x.example: set ACTIVITYPUB_ACCESS_TOKEN'],
    [{ server: 'x.example', token: 'two words' }, 'No access token'],
  ])('says what to set for %j', (given, message) => {
    expect(() => parseConnection(given)).toThrow(message);
  });
});

describe('what a server is', () => {
  it.each([
    ['mastodon', 'mastodon', 'status', '4.4.2'],
    ['pixelfed', 'pixelfed', 'media', '0.12.6'],
    ['pleroma', 'pleroma', 'media', '2.9.1'],
  ] as const)('%s is found out with one request, and its limit', async (flavour, software, wire, version) => {
    const server = await startMastodon({ flavour, descriptionLimit: 321 });
    const api = createCaptionServer(parseConnection({ server: server.url, token: server.token }));
    expect(await probeInstance(api, { pace: createTestPace() })).toMatchObject({
      software,
      wire,
      version,
      description_limit: 321,
      unable: null,
    });
    expect(server.log).toHaveLength(1);
  });

  it('older ones are asked the older way', async () => {
    const server = await startMastodon();
    server.trouble({ on: 'GET /api/v2/instance', status: 404 });
    const api = createCaptionServer(parseConnection({ server: server.url, token: server.token }));
    expect((await probeInstance(api, { pace: createTestPace() })).software).toBe('mastodon');
  });

  it.each([
    ['4.3.0+glitch', 'mastodon', 1500],
    ['2.7.2 (compatible; Akkoma 3.15.0)', 'pleroma', 5000],
    ['4.2.1 (compatible; Iceshrimp.NET 2025.1)', 'other', null],
  ])('takes %s for %s with the limit %s when it states none', (version, software, description_limit) => {
    expect(toInstance({ version })).toMatchObject({ software, description_limit });
  });
});
