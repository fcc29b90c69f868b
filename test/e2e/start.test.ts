/** Every way to start a batch, from outside: ids, files with refs, a folder, once only, and only in thought. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchStatusObject, ItemResult } from '../../bridge/client/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { filesBelow, sharedFolder } from '../helpers/shared-files.ts';
import { createFolder, makePhotos, postJson, registerPhotos, waitForEnd } from './support.ts';

const _photos = sharedFolder('photos');
let daemon: TestDaemon;
let sources: string;
let small: string[];

beforeAll(async () => {
  daemon = await spawnDaemon();
  sources = await createFolder();
  await mkdir(join(sources, 'small'));
  await mkdir(join(sources, 'more'));
  small = await makePhotos(join(sources, 'small'), 6);
  await makePhotos(join(sources, 'more'), 4);
});
afterAll(async () => {
  await daemon.stop();
  await rm(sources, { recursive: true, force: true });
});

type Start = Parameters<TestDaemon['client']['batches']['start']>[0];

async function finish(body: Start): Promise<BatchStatusObject> {
  const { batch_id } = await daemon.client.batches.start(body);
  return waitForEnd(daemon.client, batch_id);
}

async function resultsOf(batchId: string): Promise<ItemResult[]> {
  return (await daemon.client.batches.photos(batchId, { limit: 1000 })).photos;
}

const outputsOf = (batchId: string) => join(daemon.dataDir, 'outputs', batchId);

describe('a batch is started', () => {
  it('with photo ids: each counts once, in their order', async () => {
    const ids = await registerPhotos(daemon.client, small);
    const wanted = [ids[2]!, ids[0]!, ids[2]!, ids[1]!, ids[0]!];
    const started = await daemon.client.batches.start({ photo_ids: wanted });
    expect(started).toMatchObject({ message: 'Batch processing started', photo_count: 3 });
    expect(started.batch_id).toMatch(/^batch_[0-9a-f]{12}$/);
    expect(await waitForEnd(daemon.client, started.batch_id)).toMatchObject({
      status: 'completed',
      total_photos: 3,
      processed_count: 3,
    });
    const results = await resultsOf(started.batch_id);
    expect(results.map(({ photo_id }) => photo_id)).toEqual([ids[2], ids[0], ids[1]]);
    expect(await readdir(outputsOf(started.batch_id))).toHaveLength(3);
  });

  it('with files and the caller’s own refs, given back with each result', async () => {
    const refs = [7, 'IMG 2', 0.5];
    const files = refs.map((ref, index) => ({ path: small[index]!, ref }));
    const status = await finish({ photos: [...files, { path: small[0]!, ref: 'again' }] });
    expect(status).toMatchObject({ status: 'completed', total_photos: 3 });
    const results = await resultsOf(status.batch_id);
    expect(results.map(({ ref, path }) => ({ ref, path }))).toEqual(
      files.map(({ ref, path }) => ({ ref, path })),
    );
  });

  it('with a folder and a glob, all below it in name order', async () => {
    const status = await finish({ select: { folder: sources, glob: '**/photo-0[1-3].jpg' } });
    expect(status).toMatchObject({ status: 'completed', processed_count: 6 });
    const results = await resultsOf(status.batch_id);
    expect(new Set(results.map(({ path }) => basename(path ?? '')))).toEqual(
      new Set(['photo-01.jpg', 'photo-02.jpg', 'photo-03.jpg']),
    );
    // Two sources of one name in one folder: both are kept.
    expect((await readdir(outputsOf(status.batch_id))).sort()).toEqual([
      'photo-01-2.jpg',
      'photo-01.jpg',
      'photo-02-2.jpg',
      'photo-02.jpg',
      'photo-03-2.jpg',
      'photo-03.jpg',
    ]);
  });

  it('not with a bad path, which is named; as a failed item when asked for', async () => {
    const missing = join(sources, 'not-there.jpg');
    const body = { photos: [{ path: small[0]! }, { path: missing }] };
    const refusal = await postJson(`${daemon.url}/batch/start`, body);
    expect(refusal).toMatchObject({ status: 422, type: 'application/problem+json' });
    expect(refusal.body.error).toContain(missing);
    const status = await finish({ ...body, on_unknown: 'fail_item' });
    expect(status).toMatchObject({
      status: 'completed',
      processed_count: 1,
      failed_count: 1,
      failure_codes: { source_missing: 1 },
    });
    const [, failed] = await resultsOf(status.batch_id);
    expect(failed).toMatchObject({ path: missing, status: 'failed', failure: { code: 'source_missing' } });
  });

  it('not with unknown photo ids, which are named; as failed items when asked for', async () => {
    const body = { photo_ids: [1, 999_999] };
    const refusal = await postJson(`${daemon.url}/batch/start`, body);
    expect(refusal).toMatchObject({ status: 422, body: { code: 'unknown_photo_ids' } });
    expect(refusal.body.error).toContain('999999');
    expect(await finish({ ...body, on_unknown: 'fail_item' })).toMatchObject({
      processed_count: 1,
      failed_count: 1,
    });
    expect(await finish({ photo_ids: [999_998], on_unknown: 'fail_item' })).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/\w/),
    });
  });

  it('once for one Idempotency-Key; the same key with another body is refused', async () => {
    const start = (body: unknown) =>
      postJson(`${daemon.url}/batch/start`, body, { 'idempotency-key': 'export 42' });
    const body = { photos: [{ path: small[0] }], session_id: 5 };
    const count = (await daemon.client.batches.list()).count;
    const [first, second] = await Promise.all([start(body), start(body)]);
    const third = await start(body);
    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(third.body).toEqual(first.body);
    expect(await start({ ...body, session_id: 6 })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_mismatch' },
    });
    expect((await daemon.client.batches.list()).count).toBe(count + 1);
    await waitForEnd(daemon.client, String(first.body.batch_id));
  });

  it('only in thought by plan: per photo what would happen, and nothing is written', async () => {
    const folder = join(await createFolder(), 'out');
    const photo_ids = await registerPhotos(daemon.client, small.slice(0, 2));
    const standing = async () => ({
      states: filesBelow(join(daemon.dataDir, 'batch_states')).filter((name) => name.endsWith('.json')),
      outputs: filesBelow(join(daemon.dataDir, 'outputs')),
      batches: (await daemon.client.batches.list()).batches,
      photos: (await daemon.client.photos.list()).count,
    });
    const before = await standing();
    const plan = await daemon.client.batches.plan({
      photo_ids: [...photo_ids, 999_999],
      on_unknown: 'fail_item',
      config: { preset: 'WhiteLayer_v4', output: { folder, suffix: '-bright', format: 'webp' } },
    });
    expect(plan.counts).toMatchObject({ write: 2, fail: 1 });
    expect(plan.items.map(({ output_path }) => output_path)).toEqual([
      join(folder, 'photo-01-bright.webp'),
      join(folder, 'photo-02-bright.webp'),
      null,
    ]);
    expect(plan.items[2]?.failure).toMatchObject({ code: 'source_missing' });
    expect(existsSync(folder)).toBe(false);
    const fresh = await makePhotos(await createFolder(), 2);
    const newFiles = await daemon.client.batches.plan({
      photos: [...fresh, small[0] ?? ''].map((path) => ({ path })),
      config: { output: { folder, name: 'same' } },
    });
    expect(newFiles.items.map(({ photo_id }) => photo_id)).toEqual([null, null, photo_ids[0]]);
    expect(newFiles.items.map(({ output_path }) => output_path)).toEqual(
      ['same.jpg', 'same-2.jpg', 'same-3.jpg'].map((name) => join(folder, name)),
    );
    const whole = await daemon.client.batches.plan({ select: { folder: dirname(fresh[0] ?? '') } });
    expect(whole.items.map(({ photo_id }) => photo_id)).toEqual([null, null]);
    const after = await standing();
    expect(after).toEqual(before);
  });
});
