import { describe, expect, it } from 'vitest';
import { type BridgeClient, BridgeProblem, createClient } from '../../../bridge/client/index.ts';
import { collect } from '../../helpers/collect.ts';
import { createStatus } from '../../helpers/statuses.ts';
import { startStubDaemon } from '../../helpers/stub-daemon.ts';

const ID = 'batch_0123456789ab';

describe('client', () => {
  const calls: [string, (client: BridgeClient) => Promise<unknown>, string, unknown][] = [
    ['batches.start', (c) => c.batches.start({ photo_ids: [1] }), 'POST /batch/start', { photo_ids: [1] }],
    ['batches.plan', (c) => c.batches.plan({ photo_ids: [1] }), 'POST /batch/plan', { photo_ids: [1] }],
    ['batches.pause', (c) => c.batches.pause(ID), `POST /batch/${ID}/pause`, undefined],
    ['batches.resume', (c) => c.batches.resume(ID), `POST /batch/${ID}/resume`, undefined],
    ['batches.cancel', (c) => c.batches.cancel(ID), `POST /batch/${ID}/cancel`, undefined],
    ['batches.retryFailed', (c) => c.batches.retryFailed(ID), `POST /batch/${ID}/retry-failed`, {}],
    [
      'batches.setPriority',
      (c) => c.batches.setPriority(ID, 3),
      `POST /batch/${ID}/priority`,
      { priority: 3 },
    ],
    [
      'batches.liftHold',
      (c) => c.batches.liftHold(ID, { client: 'a' }),
      `DELETE /batch/${ID}/hold`,
      { client: 'a' },
    ],
    ['batches.merge', (c) => c.batches.merge([ID, ID]), 'POST /batch/merge', { batch_ids: [ID, ID] }],
    ['batches.recover', (c) => c.batches.recover(), 'POST /batch/recover', undefined],
    ['batches.cleanup', (c) => c.batches.cleanup({ days_old: 0 }), 'POST /batch/cleanup', { days_old: 0 }],
    [
      'batches.status',
      (c) => c.batches.status(ID, { wait_s: 0, since: 3 }),
      `GET /batch/${ID}/status?wait_s=0&since=3`,
      undefined,
    ],
    ['batches.list', (c) => c.batches.list({ status: 'paused' }), 'GET /batch/list?status=paused', undefined],
    [
      'batches.photos',
      (c) => c.batches.photos(ID, { limit: 5 }),
      `GET /batch/${ID}/photos?limit=5`,
      undefined,
    ],
    ['batches.results', (c) => c.batches.results(ID, 'csv'), `GET /batch/${ID}/results.csv`, undefined],
    ['batches.log', (c) => c.batches.log(ID, 4), `GET /batch/${ID}/log?since=4`, undefined],
    ['photos.add', (c) => c.photos.add({ paths: ['/a'] }), 'POST /photos', { paths: ['/a'] }],
    ['photos.get', (c) => c.photos.get(7), 'GET /photos/7', undefined],
    ['photos.thumbnail', (c) => c.photos.thumbnail(7, 64), 'GET /photos/7/thumbnail?size=64', undefined],
    ['photos.preview', (c) => c.photos.preview(7, { blend: 50 }), 'POST /photos/7/preview', { blend: 50 }],
    ['presets.get', (c) => c.presets.get('Café / x'), 'GET /presets/Caf%C3%A9%20%2F%20x', undefined],
    ['health', (c) => c.health(), 'GET /health', undefined],
    ['version', (c) => c.version(), 'GET /version', undefined],
    ['resources', (c) => c.resources(), 'GET /resources', undefined],
    [
      'pollEvents',
      (c) => c.pollEvents({ since: 1, timeout_s: 0 }),
      'GET /events?since=1&timeout_s=0',
      undefined,
    ],
  ];

  it.each(calls)('%s asks its route', async (_name, call, route, body) => {
    const { url, asked } = await startStubDaemon({ [route]: { body: {} } });
    await call(createClient({ url: `${url}/` }));
    expect(asked).toMatchObject([{ route, body }]);
    // A request without a body has no content type: the daemon refuses one that does not fit.
    expect(asked[0]?.headers['content-type']).toBe(body === undefined ? undefined : 'application/json');
  });

  it('walks all pages of the item results', async () => {
    const { url } = await startStubDaemon({
      [`GET /batch/${ID}/photos?limit=1000`]: { body: { photos: [{ photo_id: 1 }], next_cursor: 'x' } },
      [`GET /batch/${ID}/photos?limit=1000&cursor=x`]: {
        body: { photos: [{ photo_id: 2 }], next_cursor: null },
      },
    });
    const items = await collect(createClient({ url }).batches.eachPhoto(ID));
    expect(items.map(({ photo_id }) => photo_id)).toEqual([1, 2]);
  });

  it('throws the problem of a refusal with its code and members', async () => {
    const problem = { code: 'unknown_photo_ids', detail: 'Photo 9 is unknown', photo_ids: [9] };
    const { url } = await startStubDaemon({ 'POST /batch/start': { status: 422, body: problem } });
    const error = await createClient({ url })
      .batches.start({ photo_ids: [9] })
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(BridgeProblem);
    expect(error).toMatchObject({
      status: 422,
      code: 'unknown_photo_ids',
      message: 'Photo 9 is unknown',
      problem: { photo_ids: [9], error: 'Photo 9 is unknown' },
    });
  });

  it('throws a problem of status 0 when nobody answers', async () => {
    const error = await createClient({ url: 'http://127.0.0.1:1' })
      .health()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'BridgeProblem', status: 0, code: 'unreachable' });
  });

  it('throws the reason of its signal when it is aborted', async () => {
    const reason = new Error('enough');
    const call = createClient({ url: 'http://127.0.0.1:1' }).health({ signal: AbortSignal.abort(reason) });
    await expect(call).rejects.toBe(reason);
  });
});

describe('watchBatch', () => {
  it('goes on after the daemon was away and ends with the terminal status', async () => {
    const answers = [
      () => createStatus({ seq: 1 }),
      () => createStatus({ seq: 2, processed_count: 1 }),
      () => null,
      () => createStatus({ seq: 2, processed_count: 1 }),
      () => createStatus({ seq: 9, status: 'completed', processed_count: 100 }),
    ];
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      const body = answers.shift()?.();
      if (!body) throw new TypeError('fetch failed');
      return Response.json(body);
    };
    const client = createClient({ fetch });
    const seen = await collect(client.watchBatch(ID, { intervalMs: 0 }));
    expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 9]);
    expect(urls.at(-1)).toContain('wait_s=25&since=2');
  });

  it('fails at once when there is no daemon or no such batch', async () => {
    const unreachable = createClient({ url: 'http://127.0.0.1:1' }).watchBatch(ID);
    await expect(collect(unreachable)).rejects.toMatchObject({ status: 0 });
    const { url } = await startStubDaemon({});
    await expect(collect(createClient({ url }).watchBatch(ID))).rejects.toMatchObject({
      status: 404,
    });
  });
});
