import { describe, expect, it } from 'vitest';
import { createApp } from '../../../bridge/http/app.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const ID = 'batch_0123456789ab';

function setUp() {
  const standIn = createStandIn();
  const app = createApp(standIn.services);
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      init.body = typeof body === 'string' ? body : JSON.stringify(body);
      init.headers = { 'content-type': 'application/json', ...headers };
    }
    const response = await app.fetch(new Request(`http://localhost:5100${path}`, init));
    const text = await response.text();
    const json =
      response.headers.get('content-type')?.includes('json') && text !== '' ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, text, json };
  }
  return { ...standIn, call };
}

describe('batch control routes', () => {
  it('answer with the exact messages of the contract', async () => {
    const { call, batches } = setUp();
    const started = await call('POST', '/batch/start', { photo_ids: [1, 2, 3], session_id: 123, config: {} });
    expect(started.status).toBe(200);
    const { batch_id } = started.json;
    expect(started.json).toEqual({ message: 'Batch processing started', batch_id, photo_count: 3 });
    const paused = await call('POST', `/batch/${batch_id}/pause`);
    expect(paused.json).toEqual({ message: 'Batch paused successfully', batch_id, status: 'paused' });
    const resumed = await call('POST', `/batch/${batch_id}/resume`);
    expect(resumed.json).toEqual({ message: 'Batch resumed successfully', batch_id, status: 'running' });
    const cancelled = await call('POST', `/batch/${batch_id}/cancel`);
    expect(cancelled.json).toEqual({
      message: 'Batch cancelled successfully',
      batch_id,
      status: 'cancelled',
    });
    expect((await call('POST', '/batch/recover')).json).toMatchObject({
      message: 'Batch recovery completed',
      recovered_count: 0,
    });
    expect((await call('POST', '/batch/cleanup', { days_old: 3.5 })).json).toMatchObject({
      message: 'Batch cleanup completed',
      cleaned_count: 0,
      days_old: 3.5,
    });
    expect((await call('GET', '/batch/list')).json).toMatchObject({ count: 1, batches: [{ batch_id }] });
    expect(batches.kept.size).toBe(1);
  });

  it('clean up after 7 days when no body is sent', async () => {
    const { call, calls } = setUp();
    expect((await call('POST', '/batch/cleanup')).json.days_old).toBe(7);
    expect(calls).toEqual([['cleanup', { days_old: 7, dry_run: false }]]);
  });

  it.each(['null', '"7"', '-1', '1e400', '[7]'])('refuse days_old %s', async (days_old) => {
    const { call, calls } = setUp();
    expect((await call('POST', '/batch/cleanup', `{"days_old": ${days_old}}`)).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it('say what failed, of which batch and what is allowed instead when the state is wrong', async () => {
    const { call, batches } = setUp();
    batches.addBatch(ID, 1);
    const { status, json, headers } = await call('POST', `/batch/${ID}/resume`);
    expect(status).toBe(409);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Wrong state',
      status: 409,
      detail: 'Failed to resume batch: a running batch cannot be resumed',
      error: 'Failed to resume batch: a running batch cannot be resumed',
      instance: `/batch/${ID}/resume`,
      code: 'illegal_transition',
      batch_id: ID,
      batch_status: 'running',
      allowed_actions: ['cancel'],
    });
  });

  it.each(['pause', 'resume', 'cancel', 'retry-failed', 'priority', 'hold'])(
    'answer 404 "Batch not found" to %s of an unknown batch',
    async (action) => {
      const { call } = setUp();
      const bodies: Record<string, unknown> = {
        priority: { priority: 1 },
        hold: { client: 'a', reason: 'b', lease_s: 1 },
      };
      for (const id of [ID, 'nonsense', '..%2f..', '__proto__']) {
        const { status, json } = await call('POST', `/batch/${id}/${action}`, bodies[action]);
        expect([status, json.error]).toEqual([404, 'Batch not found']);
      }
    },
  );

  it('pass the idempotency key on', async () => {
    const { call, calls } = setUp();
    await call('POST', '/batch/start', { photo_ids: [1] }, { 'idempotency-key': 'abc' });
    expect(calls[0]?.[2]).toEqual({ idempotencyKey: 'abc', sent: { photo_ids: [1] } });
  });
});

describe('the start body', () => {
  it.each([
    [{}, 400, 'photo_ids is required'],
    [undefined, 400, 'photo_ids is required'],
    [{ session_id: 1 }, 400, 'photo_ids is required'],
    [{ photo_ids: [] }, 400, 'photo_ids must be a non-empty list'],
    [{ photo_ids: null }, 400, 'photo_ids must be a non-empty list'],
    [{ photo_ids: '1,2' }, 400, 'photo_ids must be a non-empty list'],
    [{ photo_ids: [1, '2'] }, 400, 'photo_ids[1] must be a whole number; got "2"'],
    [
      { photo_ids: [1], photos: [{ path: '/a' }] },
      400,
      'give only one of photo_ids, photos, select; got photo_ids and photos',
    ],
    [{ photo_ids: [1], priority: 11 }, 400, 'priority must be at most 10; got 11'],
    [{ photo_ids: [1], priorty: 1 }, 400, 'unknown key "priorty"; did you mean "priority"?'],
    [
      { photos: [{ pth: '/a' }] },
      400,
      'photos[0].path is required; unknown key "pth" in photos[0]; did you mean "path"?',
    ],
    [{ operation: 'captions', items: [] }, 400, /^items must be a non-empty list/],
    [{ operation: 'captions' }, 400, 'one of items, file is required'],
    [
      { operation: 'content', photo_ids: [1] },
      400,
      'photo_ids does not fit: operation "content" takes one of items, file',
    ],
    [{ items: [1] }, 400, 'items does not fit: operation "develop" takes one of photo_ids, photos, select'],
    [{ template: 7 }, 400, 'template must be text; got 7'],
    [{ template: 'x' }, 422, 'no template here: x'],
    [[1, 2], 400, 'the body must be a JSON object; got a list of 2'],
    ['{"photo_ids": [1', 400, /^the body is not valid JSON/],
    ['{"photo_ids": [1e999]}', 400, 'numbers in a body must be finite'],
    ['{"photo_ids": [1], "config": {"__proto__": {}}}', 400, 'the key "__proto__" is not allowed in a body'],
    [
      '{"photo_ids": [1], "config": {"constructor": {"prototype": {}}}}',
      400,
      'the key "constructor" is not allowed in a body',
    ],
    ['{"photos": [{"path": "/a\\u0000b"}]}', 400, 'text in a body must not contain the NUL character'],
    [`{"config": ${'['.repeat(100)}${']'.repeat(100)}}`, 400, 'the body is nested deeper than 64 levels'],
  ])('%j is answered %i', async (body, status, error) => {
    const { call, calls } = setUp();
    const answer = await call('POST', '/batch/start', body);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(answer.json.detail).toBe(answer.json.error);
    expect(calls).toEqual([]);
  });

  it('names the limit that it is over', async () => {
    const { call, setSettings } = setUp();
    setSettings({ limits: { start_body_mb: 0.001, photos_per_batch: 2 } });
    const large = await call('POST', '/batch/start', { photo_ids: Array(2000).fill(1) });
    expect([large.status, large.json.error]).toEqual([413, expect.stringContaining('limits.start_body_mb')]);
    const many = await call('POST', '/batch/start', { photo_ids: [1, 2, 3] });
    expect([many.status, many.json.error]).toEqual([422, expect.stringContaining('limits.photos_per_batch')]);
  });

  it('is refused without a JSON content type', async () => {
    const { call, calls } = setUp();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      '',
    ]) {
      const { status, json } = await call('POST', '/batch/start', '{"photo_ids":[1]}', {
        'content-type': type,
      });
      expect([status, json.error]).toEqual([415, expect.stringContaining('Content-Type: application/json')]);
    }
    expect(calls).toEqual([]);
  });
});

describe('reading routes', () => {
  it('wait only when asked, from the current change on unless since says otherwise', async () => {
    const { call, batches, calls } = setUp();
    batches.addBatch(ID, 2);
    const { json } = await call('GET', `/batch/${ID}/status`);
    expect(calls).toEqual([]);
    const waiting = call('GET', `/batch/${ID}/status?wait_s=20`);
    await Promise.resolve();
    batches.publish(ID, 'batch_progress', { processed_count: 1 });
    expect((await waiting).json.processed_count).toBe(1);
    await call('GET', `/batch/${ID}/status?wait_s=2&since=7`);
    expect(calls).toEqual([
      ['wait', ID, json.seq, 20_000, expect.any(AbortSignal)],
      ['wait', ID, 7, 2000, expect.any(AbortSignal)],
    ]);
  });

  it.each(['wait_s=31', 'wait_s=-1', 'wait_s=x', 'since=1.5', 'foo=1', 'since=1&since=2'])(
    'refuse the query %s by name',
    async (query) => {
      const { call, batches } = setUp();
      batches.addBatch(ID, 1);
      const { status, json } = await call('GET', `/batch/${ID}/status?${query}`);
      expect([status, json.error]).toEqual([400, expect.stringContaining(query.split('=')[0] ?? '')]);
    },
  );

  it('escape formula cells in the CSV and keep the JSON whole', async () => {
    const { call, batches } = setUp();
    batches.addBatch(ID, 2);
    const item = {
      attempts: 1,
      started_at: null,
      duration_ms: null,
      status: 'processed' as const,
      warnings: [],
    };
    batches.items.push(
      { ...item, photo_id: 1, ref: '=1+1', path: '/a "b", c.jpg' },
      { ...item, photo_id: 2, ref: -5, path: null, warnings: ['@x'] },
    );
    const csv = await call('GET', `/batch/${ID}/results.csv`);
    expect(csv.headers.get('content-disposition')).toBe(`attachment; filename="${ID}-results.csv"`);
    expect(csv.text.split('\r\n').slice(1)).toEqual([
      `1,'=1+1,"/a ""b"", c.jpg",processed,1,,,,,,,,,,,`,
      `2,'-5,,processed,1,,,,,,,,,,,'@x`,
      '',
    ]);
    const json = await call('GET', `/batch/${ID}/results.json`);
    expect(json.json).toEqual({ photos: batches.items, next_cursor: null });
    expect((await call('GET', '/batch/batch_ffffffffffff/results.csv')).status).toBe(404);
  });
});

describe('the app', () => {
  it('answers unknown routes and wrong methods as problems', async () => {
    const { call } = setUp();
    for (const path of ['/nope', '//batch/list', '/batch/list/', '/metric', '/batch//status']) {
      const { status, json } = await call('GET', path);
      expect([path, status, json.code]).toEqual([
        path,
        404,
        path === '/batch//status' ? 'not_found' : 'not_found',
      ]);
    }
    for (const method of ['GET', 'PUT', 'OPTIONS']) {
      const { status, headers, json } = await call(method, '/batch/start');
      expect([status, headers.get('allow'), json.code]).toEqual([405, 'POST', 'method_not_allowed']);
    }
    const head = await call('HEAD', '/health');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('answers 500 without detail when something that is no Error is thrown', async () => {
    const { call } = setUp();
    const { status, json } = await call('GET', '/resources');
    expect([status, json.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(json)).not.toContain('a thrown text');
  });

  it.each(['starting', 'stopping'] as const)(
    'answers 503 to all but health and version while %s',
    async (state) => {
      const { call, health } = setUp();
      Object.assign(health, { ready: false, state });
      const { status, json, headers } = await call('POST', '/batch/start', { photo_ids: [1] });
      expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
      expect((await call('GET', '/health')).json).toMatchObject({ status: 'ok', live: true, state });
      expect((await call('GET', '/version')).status).toBe(200);
      expect((await call('GET', '/health/ready')).status).toBe(503);
    },
  );

  it('still reads, but is not ready, while read-only', async () => {
    const { call, health } = setUp();
    Object.assign(health, { ready: false, state: 'read_only', reason: 'the disk is full' });
    expect((await call('GET', '/batch/list')).status).toBe(200);
    const { status, json } = await call('GET', '/health/ready');
    expect([status, json.error]).toEqual([503, 'the daemon is not ready (read_only): the disk is full']);
  });
});

describe('GET /events', () => {
  it('answers what came after since, and waits when there is nothing', async () => {
    const { call, batches, events } = setUp();
    const base = events.seq;
    batches.addBatch(ID, 1);
    const first = (await call('GET', `/events?since=${base}`)).json;
    expect(first.events.map((event: { type: string }) => event.type)).toEqual(['batch_started']);
    const waiting = call('GET', `/events?since=${first.seq}&timeout_s=20&batch_id=${ID}`);
    await Promise.resolve();
    events.publish({ type: 'settings_changed', keys: ['a'] });
    batches.publish(ID, 'batch_completed', { status: 'completed' });
    const { json } = await waiting;
    expect(json.events.map((event: { type: string }) => event.type)).toEqual(['batch_completed']);
    expect(json.seq).toBe(events.seq);
    expect((await call('GET', '/events?timeout_s=0')).json).toEqual({ events: [], seq: events.seq });
  });

  it('says resync when since is not kept', async () => {
    const { call, events } = setUp();
    expect((await call('GET', '/events?since=5')).json).toEqual({
      events: [],
      seq: events.seq,
      resync: true,
      oldest: events.oldest,
    });
    expect((await call('GET', `/events?since=${events.seq + 9}`)).json.resync).toBe(true);
  });
});
