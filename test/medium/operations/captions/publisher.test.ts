import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCaptionPublisher } from '../../../../bridge/embedded/captions.ts';
import {
  parseCaptionSettings,
  readConnection,
  usualSettings,
} from '../../../../bridge/operations/captions/caption-settings.ts';
import { startMastodon } from '../../../helpers/mastodon/server.ts';
import { captionsFor, createTestPace } from '../../../unit/operations/captions/fixture.ts';
import { newDataDir, openPublisher, toRows } from './fixture.ts';

describe('batchUpdateCaptions', () => {
  it('2 posts with 2 images each and everything good: counts are right and exactly one edit a post', async () => {
    const server = await startMastodon();
    const posts = [server.addPost({ captions: [null, 'old'] }), server.addPost({ captions: [null, null] })];
    const { publisher } = await openPublisher(
      server,
      posts.flatMap((post) => captionsFor(post)),
    );
    expect(await publisher.batchUpdateCaptions({ limit: 50 })).toMatchObject({
      processed: 4,
      successful: 4,
      failed: 0,
      verified: 4,
      rollbacks: 0,
      errors: [],
    });
    expect(
      server
        .writes()
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(posts.map(({ id }) => `/api/v1/statuses/${id}`));
    expect(server.log.filter(({ path }) => path.endsWith('/instance'))).toHaveLength(1);
  });

  it('counts a post put back: failed, not verified, one roll-back; the other post is published', async () => {
    const server = await startMastodon();
    const bad = server.addPost({ captions: ['a', 'b', 'c'] });
    const good = server.addPost({ captions: [null] });
    server.ignore(bad.media[0]!.id);
    const { publisher } = await openPublisher(server, [...captionsFor(bad), ...captionsFor(good)]);
    const stats = await publisher.batchUpdateCaptions();
    expect(stats).toMatchObject({ processed: 4, successful: 1, failed: 3, verified: 1, rollbacks: 1 });
    expect(stats.errors).toHaveLength(3);
    expect(stats.results.map(({ image_id, status }) => [image_id, status])).toEqual([
      [`${bad.id}/0`, 'rolled_back'],
      [`${bad.id}/1`, 'rolled_back'],
      [`${bad.id}/2`, 'rolled_back'],
      [`${good.id}/0`, 'published'],
    ]);
    expect({ ...server.post(bad.id), edits: 0 }).toEqual(bad);
  });

  it('DRY_RUN writes nothing, anywhere', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost()];
    const { publisher } = await openPublisher(
      server,
      posts.flatMap((post) => captionsFor(post)),
      { settings: { dryRun: true } },
    );
    const stats = await publisher.batchUpdateCaptions();
    expect(stats).toMatchObject({ processed: 2, successful: 0, failed: 0, verified: 0, rollbacks: 0 });
    expect(stats.results.every(({ status }) => status === 'planned')).toBe(true);
    expect(server.writes()).toEqual([]);
  });

  it('disabled: the batch call answers zeros and the reason, and asks the server nothing', async () => {
    const server = await startMastodon();
    const { publisher } = await openPublisher(server, captionsFor(server.addPost()), {
      settings: { enabled: false },
    });
    expect(await publisher.batchUpdateCaptions()).toEqual({
      processed: 0,
      successful: 0,
      failed: 0,
      verified: 0,
      rollbacks: 0,
      errors: [],
      results: [],
      reason: 'Batch updates are disabled (BATCH_UPDATE_ENABLED=false)',
    });
    expect(server.log).toEqual([]);
  });

  it('disabled: the posting service edits single captions one by one', async () => {
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null] });
    const { publisher } = await openPublisher(server, captionsFor(post), { settings: { enabled: false } });
    expect(await publisher.postApprovedCaptions()).toMatchObject({
      processed: 2,
      successful: 2,
      verified: 2,
    });
    expect(server.writes()).toHaveLength(2);
    expect(server.mostAtOnce).toBe(1);
    expect(server.post(post.id).media.every(({ description }) => description?.startsWith('New'))).toBe(true);
  });

  it('enabled: the posting service uses batches', async () => {
    const server = await startMastodon();
    const { publisher } = await openPublisher(
      server,
      captionsFor(server.addPost({ captions: [null, null] })),
    );
    await publisher.postApprovedCaptions();
    expect(server.writes()).toHaveLength(1);
  });

  it('max_concurrent batches really run at once, and never two edits of one post', async () => {
    const server = await startMastodon();
    const posts = Array.from({ length: 6 }, () => server.addPost({ captions: [null, null] }));
    const met = Promise.withResolvers<void>();
    let waiting = 0;
    const meet = () => {
      waiting += 1;
      if (waiting === 2) met.resolve();
      return met.promise;
    };
    server.trouble({ on: 'PUT', before: meet });
    server.trouble({ on: 'PUT', before: meet });
    const { publisher } = await openPublisher(
      server,
      posts.flatMap((post) => captionsFor(post)),
      {
        settings: { batchSize: 2, maxConcurrent: 2 },
      },
    );
    expect(await publisher.batchUpdateCaptions()).toMatchObject({ successful: 12, verified: 12 });
    expect(server.mostAtOnce).toBe(2);
    expect(posts.every(({ id }) => server.post(id).edits === 1)).toBe(true);
    expect(server.writes()).toHaveLength(6);
  });

  it('one post after the other, newest first, with one batch of one at a time', async () => {
    const server = await startMastodon();
    const posts = Array.from({ length: 4 }, () => server.addPost());
    const { publisher } = await openPublisher(
      server,
      posts.flatMap((post) => captionsFor(post)),
      {
        settings: { batchSize: 1, maxConcurrent: 1 },
      },
    );
    await publisher.batchUpdateCaptions();
    expect(server.mostAtOnce).toBe(1);
    expect(server.writes().map(({ path }) => path.split('/').at(-1))).toEqual(posts.map(({ id }) => id));
  });

  it.each([
    ['a bad token', { token: 'wrong-token' }, 'unauthorized'],
    ['a token that may only read', { token: 'token-of-a-reader' }, 'forbidden'],
  ])('never throws for a fault: %s fails each caption', async (_title, options, code) => {
    const server = await startMastodon();
    const { publisher } = await openPublisher(
      server,
      captionsFor(server.addPost({ captions: [null, null] })),
      options,
    );
    const stats = await publisher.batchUpdateCaptions();
    expect(stats).toMatchObject({ processed: 2, successful: 0, failed: 2 });
    expect(stats.results[0]?.error?.code).toBe(code);
    expect(JSON.stringify(stats)).not.toContain('wrong-token');
  });

  it('never throws when there is no server', async () => {
    const publisher = createCaptionPublisher({
      connection: { server: 'http://127.0.0.1:1', token: 'abcd' },
      env: {},
      dataDir: await newDataDir(),
      pace: createTestPace(),
      captions: { rows: [row] },
    });
    expect(await publisher.batchUpdateCaptions()).toMatchObject({
      processed: 1,
      failed: 1,
      results: [{ status: 'failed', error: { code: 'unreachable', retryable: true } }],
    });
  });

  it('is one call of photo-bridge/captions, with what the environment says', async () => {
    const { batchUpdateCaptions } = await import('photo-bridge/captions');
    const server = await startMastodon();
    const post = server.addPost({ captions: [null, null] });
    const told: string[] = [];
    const stats = await batchUpdateCaptions({
      limit: 1,
      captions: () => ({ rows: toRows(captionsFor(post)) }),
      env: {
        ACTIVITYPUB_INSTANCE_URL: server.url,
        ACTIVITYPUB_ACCESS_TOKEN: server.token,
        BATCH_UPDATE_VERIFICATION_DELAY: '0',
        PHOTO_BRIDGE_DATA_DIR: await newDataDir(),
      },
      onResult: ({ image_id }) => told.push(image_id),
    });
    expect(stats).toMatchObject({ processed: 1, successful: 1, failed: 0, verified: 1, rollbacks: 0 });
    expect(told).toEqual([`${post.id}/0`]);
  });

  it('takes server and token from the settings when the environment does not say', async () => {
    const server = await startMastodon();
    const post = server.addPost();
    const dataDir = await newDataDir();
    const config = join(dataDir, 'bridge.config.json');
    await writeFile(
      config,
      JSON.stringify({ captions: { server_url: server.url, token: server.token }, data_dir: dataDir }),
    );
    const { batchUpdateCaptions } = await import('photo-bridge/captions');
    const captions = { rows: toRows(captionsFor(post)) };
    const pace = createTestPace();
    expect(await batchUpdateCaptions({ captions, config, env: {}, pace })).toMatchObject({ successful: 1 });
    const nothing = batchUpdateCaptions({ captions, dataDir, env: { HOME: dataDir } });
    await expect(nothing).rejects.toThrow('ACTIVITYPUB_INSTANCE_URL');
  });

  it('does nothing when it was stopped before it began', async () => {
    const server = await startMastodon();
    const { publisher } = await openPublisher(server, captionsFor(server.addPost()));
    const stats = await publisher.batchUpdateCaptions({ signal: AbortSignal.abort() });
    expect(stats).toMatchObject({ processed: 0, results: [{ status: 'stopped' }] });
    expect(server.log).toEqual([]);
  });

  it('tells the faults of an input that cannot be used, and asks the server nothing', async () => {
    const server = await startMastodon();
    const publisher = createCaptionPublisher({
      connection: { server: server.url, token: server.token },
      env: {},
      dataDir: await newDataDir(),
      captions: { text: JSON.stringify([{ ...row, caption: '' }]) },
    });
    expect((await publisher.batchUpdateCaptions()).errors).toEqual([
      'item 1: caption is missing: an approved caption needs a text',
    ]);
    expect(server.log).toEqual([]);
  });

  it('goes on where it was stopped: posts in hand finish, a second run edits only what is not there', async () => {
    const server = await startMastodon();
    const posts = [server.addPost(), server.addPost(), server.addPost()];
    const captions = posts.flatMap((post) => captionsFor(post));
    const stop = new AbortController();
    server.trouble({ on: `PUT /api/v1/statuses/${posts[1]?.id}`, before: () => stop.abort() });
    const options = { settings: { maxConcurrent: 1, batchSize: 1 } };
    const { publisher } = await openPublisher(server, captions, options);
    const first = await publisher.batchUpdateCaptions({ signal: stop.signal });
    expect(first.results.map(({ status }) => status)).toEqual(['published', 'published', 'stopped']);
    expect(first).toMatchObject({ processed: 2, successful: 2, failed: 0 });
    const second = await (await openPublisher(server, captions, options)).publisher.batchUpdateCaptions();
    expect(second).toMatchObject({ processed: 3, successful: 3, verified: 3 });
    expect(posts.map(({ id }) => server.post(id).edits)).toEqual([1, 1, 1]);
    expect(server.writes()).toHaveLength(3);
  });
});

const row = { image_id: 'i', post_id: '1', media_id: '2', caption: 'A tulip', status: 'approved' };

describe('the environment', () => {
  it('has the usual settings when it says nothing', () => {
    expect(parseCaptionSettings({})).toEqual(usualSettings);
    expect(usualSettings).toEqual({
      enabled: true,
      batchSize: 5,
      maxConcurrent: 2,
      verifyDelayMs: 2000,
      rollback: true,
      dryRun: false,
    });
  });

  it('sets each of them', () => {
    expect(
      parseCaptionSettings({
        BATCH_UPDATE_ENABLED: 'false',
        BATCH_UPDATE_SIZE: '10',
        BATCH_UPDATE_MAX_CONCURRENT: '3',
        BATCH_UPDATE_VERIFICATION_DELAY: '0.5',
        BATCH_UPDATE_ROLLBACK_ON_FAILURE: 'no',
        DRY_RUN: '1',
      }),
    ).toEqual({
      enabled: false,
      batchSize: 10,
      maxConcurrent: 3,
      verifyDelayMs: 500,
      rollback: false,
      dryRun: true,
    });
    expect(readConnection({ ACTIVITYPUB_INSTANCE_URL: 'a', ACTIVITYPUB_ACCESS_TOKEN: 'b' })).toEqual({
      server: 'a',
      token: 'b',
    });
  });

  it.each([
    [{ BATCH_UPDATE_SIZE: '0' }, 'BATCH_UPDATE_SIZE is "0": set it to a whole number from 1 to 1000'],
    [{ BATCH_UPDATE_MAX_CONCURRENT: '1.5' }, 'whole number from 1 to 32'],
    [{ BATCH_UPDATE_VERIFICATION_DELAY: 'soon' }, 'number from 0 to 3600'],
    [{ DRY_RUN: 'maybe' }, 'DRY_RUN is "maybe": set it to true or false'],
  ])('refuses %j with what it may be', (env, message) => {
    expect(() => parseCaptionSettings(env)).toThrow(message);
  });
});
