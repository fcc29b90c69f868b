import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../../bridge/errors.ts';
import { startMastodon } from '../../../helpers/mastodon/server.ts';
import { captionsFor, createTestPace } from '../../../unit/operations/captions/fixture.ts';
import { openCaptions, toBody } from './engine.ts';

const count = (log: readonly { path: string }[], part: string) =>
  log.filter(({ path }) => path.includes(part)).length;

describe('a captions batch', () => {
  it('records of each caption its post, its image, what became of it and what was verified', async () => {
    const server = await startMastodon();
    const good = server.addPost({ captions: [null, 'New caption 1 of x'] });
    const bad = server.addPost({ captions: ['a', 'b'] });
    server.ignore(bad.media[0]!.id);
    const engine = await openCaptions(server);
    const captions = [...captionsFor(good, [undefined, 'New caption 1 of x']), ...captionsFor(bad)];
    const { batch_id } = await engine.startOrGoOn(toBody(captions));
    const results = await engine.finish(batch_id);
    expect(engine.api.status(batch_id)).toMatchObject({
      status: 'completed',
      total_photos: 4,
      processed_count: 2,
      failed_count: 2,
      failure_codes: { not_verified: 2 },
    });
    const published = { post_id: good.id, verified: true, rolled_back: false };
    const putBack = { post_id: bad.id, outcome: 'rolled_back', verified: false, rolled_back: true };
    expect(results.map(({ ref, status, details }) => ({ ref, status, details }))).toEqual([
      {
        ref: `${good.id}/0`,
        status: 'processed',
        details: { ...published, media_id: good.media[0]?.id, outcome: 'published' },
      },
      {
        ref: `${good.id}/1`,
        status: 'processed',
        details: { ...published, media_id: good.media[1]?.id, outcome: 'unchanged' },
      },
      ...bad.media.map(({ id }, place) => ({
        ref: `${bad.id}/${place}`,
        status: 'failed',
        details: { ...putBack, media_id: id, reason_code: 'not_verified' },
      })),
    ]);
    expect(results[2]?.failure).toMatchObject({ code: 'not_verified', retryable: true });
    expect({ ...server.post(bad.id), edits: 0 }).toEqual(bad);
  });

  it.each([
    ['rejected', 'unauthorized', { status: 401 }, 1],
    ['rejected', 'rejected', { status: 422 }, 1],
    ['not_found', 'post_not_found', { status: 404 }, 1],
    ['unreachable', 'server_error', { status: 503 }, 3],
    ['unreachable', 'unreachable', { drop: true }, 3],
  ])(
    'fails a caption as %s (%s), after so many attempts as help',
    async (code, reason, trouble, attempts) => {
      const server = await startMastodon();
      const post = server.addPost();
      server.trouble({ on: 'GET /api/v1/statuses', times: 9, ...trouble });
      const engine = await openCaptions(server);
      const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post)));
      const [result] = await engine.finish(batch_id);
      expect(result).toMatchObject({ failure: { code }, details: { reason_code: reason }, attempts: 1 });
      expect(count(server.log, '/statuses/')).toBe(attempts);
    },
  );

  it('with rollback off leaves what landed and says so', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['a', 'b'] });
    server.ignore(post.media[1]!.id);
    const engine = await openCaptions(server);
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post), { rollback: false }));
    const [landed, lost] = await engine.finish(batch_id);
    expect(landed).toMatchObject({ status: 'processed', details: { outcome: 'published' } });
    expect(landed?.warnings).toEqual([
      `post ${post.id}: 1 other captions of it failed, and nothing was put back`,
    ]);
    expect(lost?.failure?.message).toContain('not put back: 1 of 2 captions of the post have landed');
    expect(server.writes()).toHaveLength(1);
  });

  it('writes nothing before what the post was is on the disk: a disk that refuses holds the batch', async () => {
    const server = await startMastodon();
    const engine = await openCaptions(server, {
      wrapInputs: (inputs) => ({
        read: inputs.read,
        save: async () => {
          throw new BridgeError('disk_full', 'no room');
        },
      }),
    });
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(server.addPost())));
    for (let status = engine.api.status(batch_id); status.holds.length === 0; )
      status = await engine.api.waitForChange(batch_id, status.seq, 1000);
    expect(engine.api.status(batch_id)).toMatchObject({
      status: 'running',
      failed_count: 0,
      holds: [{ owner: 'storage', reason: 'what the post was before could not be kept: no room' }],
    });
    expect(server.writes()).toEqual([]);
  });

  it('retries what failed together, in one edit of the post', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: ['a', 'b'] });
    server.ignore(post.media[0]!.id);
    const engine = await openCaptions(server);
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post)));
    await engine.finish(batch_id);
    server.heed(post.media[0]!.id);
    server.log.length = 0;
    await engine.api.retryFailed(batch_id, { codes: ['not_verified'] });
    await engine.finish(batch_id);
    expect(engine.api.status(batch_id)).toMatchObject({ processed_count: 2, failed_count: 0 });
    expect(server.writes()).toHaveLength(1);
  });

  it('dry_run sends no writing request at all, and skips what it would publish', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, 'there'] });
    const engine = await openCaptions(server);
    const body = toBody(captionsFor(post, [undefined, 'there']), { dry_run: true });
    const { batch_id } = await engine.startOrGoOn(body);
    const results = await engine.finish(batch_id);
    expect(results.map(({ status, details }) => [status, details?.outcome])).toEqual([
      ['skipped', 'planned'],
      ['processed', 'unchanged'],
    ]);
    expect(server.writes()).toEqual([]);
  });

  it('a plan says of each caption what a start would do, and writes nothing', async () => {
    const server = await startMastodon({ descriptionLimit: 30 });
    const posts = [server.addPost(), server.addPost({ captions: ['there'] }), server.addPost()];
    const texts = ['new', 'there', 'x'.repeat(31)];
    const captions = posts.flatMap((post, index) => captionsFor(post, [texts[index]]));
    const engine = await openCaptions(server);
    const { items, counts } = await engine.api.plan({
      ...toBody(captions),
      priority: 5,
      on_unknown: 'fail',
    });
    expect(items.map(({ action }) => action)).toEqual(['write', 'skip', 'fail']);
    expect(items[2]?.failure).toMatchObject({ code: 'invalid_item', retryable: false });
    expect(counts).toMatchObject({ write: 1, skip: 1, fail: 1 });
    expect(server.writes()).toEqual([]);
  });
});

describe('how many at once', () => {
  it('batch_size x concurrent posts are in hand, of which concurrent talk to the server; waiting takes up no place', async () => {
    const server = await startMastodon();
    const posts = Array.from({ length: 7 }, () => server.addPost());
    const pace = createTestPace();
    const verified = Promise.withResolvers<void>();
    const edited = Promise.withResolvers<number>();
    let waiting = 0;
    pace.delay = async () => {
      waiting += 1;
      // Three posts at two batches: the seventh is not begun before one of the six has ended.
      if (waiting === 6) edited.resolve(server.writes().length);
      await verified.promise;
    };
    const met = Promise.withResolvers<void>();
    let meeting = 0;
    const meet = async () => {
      meeting += 1;
      if (meeting === 2) met.resolve();
      await met.promise;
      // Time enough for the other posts to come, too, if they could.
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    };
    server.trouble({ on: 'PUT', times: 2, before: meet });
    const engine = await openCaptions(server, { pace });
    const body = toBody(
      posts.flatMap((post) => captionsFor(post)),
      { batch_size: 3, concurrent: 2 },
    );
    const { batch_id } = await engine.startOrGoOn(body);
    expect(await edited.promise).toBe(6);
    expect(engine.api.status(batch_id)).toMatchObject({ in_flight_count: 6, pending_count: 1 });
    expect(server.log.some(({ path }) => path.includes(posts[6]!.id))).toBe(false);
    verified.resolve();
    await engine.finish(batch_id);
    expect(server.mostAtOnce).toBe(2);
    expect(posts.every(({ id }) => server.post(id).edits === 1)).toBe(true);
  });

  it('never two edits of one post, also not of two batches', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null] });
    const engine = await openCaptions(server);
    const [one, other] = captionsFor(post);
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    server.trouble({
      on: 'PUT',
      async before() {
        begun.resolve();
        await release.promise;
      },
    });
    const first = await engine.startOrGoOn(toBody([one!]));
    await begun.promise;
    const second = await engine.startOrGoOn(toBody([other!]));
    // Its item is in hand, and waits for the other batch's.
    for (let status = engine.api.status(second.batch_id); status.in_flight_count === 0; )
      status = await engine.api.waitForChange(second.batch_id, status.seq, 1000);
    expect(count(server.log, '/source')).toBe(1);
    release.resolve();
    await Promise.all([engine.finish(first.batch_id), engine.finish(second.batch_id)]);
    expect(server.post(post.id).media.map(({ description }) => description)).toEqual([
      one!.text,
      other!.text,
    ]);
    expect(server.writes()).toHaveLength(2);
  });

  it('one_by_one: an edit for each caption, one after the other', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null, null] });
    const engine = await openCaptions(server);
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post), { one_by_one: true }));
    await engine.finish(batch_id);
    expect(server.writes()).toHaveLength(3);
    expect(server.mostAtOnce).toBe(1);
  });

  it('429 obeyed: under a rate limit all posts are published, and few requests are refused', async () => {
    const pace = createTestPace();
    const server = await startMastodon({ now: pace.now, rateLimit: { requests: 10, seconds: 300 } });
    const posts = Array.from({ length: 6 }, () => server.addPost());
    const engine = await openCaptions(server, { pace });
    const { batch_id } = await engine.startOrGoOn(toBody(posts.flatMap((post) => captionsFor(post))));
    await engine.finish(batch_id);
    expect(engine.api.status(batch_id)).toMatchObject({ processed_count: 6 });
    const refused = server.log.filter(({ status }) => status === 429).length;
    const windows = Math.ceil((server.log.length - refused) / 10);
    // At most the two that talk at the same moment meet the limiter in a window.
    expect(refused).toBeLessThanOrEqual(2 * windows);
    expect(refused).toBeGreaterThan(0);
  });
});

describe('the server of a batch', () => {
  it('is asked once what it is, for all batches', async () => {
    const server = await startMastodon();
    const engine = await openCaptions(server);
    for (const post of [server.addPost(), server.addPost()]) {
      const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(post)));
      await engine.finish(batch_id);
    }
    expect(count(server.log, '/instance')).toBe(1);
  });

  it('is asked again after a probe that failed, and after it refused what it may take by now', async () => {
    const server = await startMastodon({ descriptionLimit: 5 });
    const engine = await openCaptions(server);
    server.trouble({ on: 'GET /api/v2/instance', times: 3, status: 503 });
    const { batch_id } = await engine.startOrGoOn(toBody(captionsFor(server.addPost())));
    expect((await engine.finish(batch_id))[0]?.failure?.code).toBe('unreachable');
    for (const expected of ['invalid_item', 'invalid_item']) {
      await engine.api.retryFailed(batch_id, {});
      expect((await engine.finish(batch_id))[0]?.failure?.code).toBe(expected);
    }
    expect(count(server.log, '/instance')).toBe(5);
  });

  it('must be set: a start without it is refused with the names of what to set', async () => {
    const server = await startMastodon();
    const body = toBody(captionsFor(server.addPost()));
    const engine = await openCaptions(server, { connection: () => ({}) });
    await expect(engine.startOrGoOn(body)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('ACTIVITYPUB_INSTANCE_URL'),
    });
    const tokenless = await openCaptions(server, { connection: () => ({ server: server.url }) });
    await expect(tokenless.startOrGoOn(body)).rejects.toThrow('ACTIVITYPUB_ACCESS_TOKEN');
    expect(engine.api.list({ limit: 10 }).count).toBe(0);
  });

  it('holds the batch while none or another one is set, and goes on when it is set again', async () => {
    const [server, other] = [await startMastodon(), await startMastodon()];
    const posts = [server.addPost(), server.addPost()];
    let connection: { server?: string; token?: string } = { server: server.url, token: server.token };
    const engine = await openCaptions(server, { connection: () => connection });
    server.trouble({
      on: 'PUT',
      before: async () => void (await engine.api.pause(batch_id, { mode: 'soft' })),
    });
    const config = { batch_size: 1, concurrent: 1 };
    const { batch_id } = await engine.startOrGoOn(
      toBody(
        posts.flatMap((post) => captionsFor(post)),
        config,
      ),
    );
    for (let status = engine.api.status(batch_id); status.processed_count === 0; )
      status = await engine.api.waitForChange(batch_id, status.seq, 1000);
    const reason = async (): Promise<string | undefined> => {
      const { holds } = await engine.api.resume(batch_id);
      return holds.find(({ owner }) => owner === 'storage')?.reason;
    };
    connection = {};
    expect(await reason()).toContain('set ACTIVITYPUB_INSTANCE_URL');
    connection = { server: other.url, token: other.token };
    const stillHeld = await engine.api.waitForChange(batch_id, engine.api.status(batch_id).seq, 200);
    expect(stillHeld).toMatchObject({ status: 'running', processed_count: 1 });
    connection = { server: server.url, token: server.token };
    expect((await engine.finish(batch_id)).map(({ status }) => status)).toEqual(['processed', 'processed']);
    expect(other.log).toEqual([]);
  });

  it('is never another one than it was started for', async () => {
    const { server, other } = { server: await startMastodon(), other: await startMastodon() };
    const post = server.addPost();
    other.addPost({ id: post.id, captions: ['theirs'] });
    const body = toBody(captionsFor(post));
    const engine = await openCaptions(server);
    server.trouble({
      on: 'GET',
      before: async () => void (await engine.api.pause(batch_id, { mode: 'hard' })),
    });
    const { batch_id } = await engine.startOrGoOn(body);
    for (let status = engine.api.status(batch_id); status.pending_count === 0; )
      status = await engine.api.waitForChange(batch_id, status.seq, 1000);
    await engine.close();
    const next = await openCaptions(other, { dataDir: engine.dataDir });
    await next.startOrGoOn(body);
    const { holds } = next.api.status(batch_id);
    expect(holds.find(({ owner }) => owner === 'storage')?.reason).toContain('started for another server');
    expect(other.log).toEqual([]);
  });
});
