/** The main job from outside: a real daemon, real files, batches watched, paused, resumed, cancelled, held, merged, tried again. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { BatchStatusObject, ItemResult } from '../../bridge/client/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { sharedFolder } from '../helpers/shared-files.ts';
import { Client } from '../medium/ws/client.ts';
import {
  createFolder,
  makePhotos,
  postJson,
  registerPhotos,
  tempFilesIn,
  waitForEnd,
  waitForStatus,
} from './support.ts';

const photos = sharedFolder('photos');
let daemon: TestDaemon;
let sources: string;
/** Small pictures for what is not about time, big ones for what happens in the middle. */
let small: string[];
let big: string[];
let threads: number;

beforeAll(async () => {
  daemon = await spawnDaemon();
  sources = await createFolder();
  await mkdir(join(sources, 'small'));
  await mkdir(join(sources, 'big'));
  small = await makePhotos(join(sources, 'small'), 6);
  big = await makePhotos(join(sources, 'big'), 16, { width: 2400, height: 1600 });
  // The first photo starts the render host; from here on it is there.
  await finish({ photos: [{ path: small[0]! }] });
  threads = (await daemon.client.resources()).capacity;
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

/** A batch of the big pictures, as soon as `count` are through. */
async function startInTheMiddle(count = 2, changes: Partial<Start> = {}): Promise<string> {
  const body = { photos: big.map((path) => ({ path })), ...changes };
  const { batch_id } = await daemon.client.batches.start(body);
  await waitForStatus(daemon.client, batch_id, (status) => status.processed_count >= count);
  return batch_id;
}

const outputsOf = (batchId: string) => join(daemon.dataDir, 'outputs', batchId);
const inodesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).ino]));

describe('a batch is watched', () => {
  it('over the WebSocket: lifecycle on `batches`, every photo once on `batch:<id>`', async () => {
    const watched =
      photos === null
        ? big.slice(0, 6)
        : ['canon-eos-5d', 'nikon-d70', 'apple-iphone-4s', 'sigma-dp1', 'nexus-4', 'leica-t-typ-701'].map(
            (name) => join(photos, 'plain', `${name}.jpg`),
          );
    const all = await Client.open(daemon.port);
    const one = await Client.open(daemon.port);
    onTestFinished(async () => void (await Promise.all([all.close(), one.close()])));
    await all.ask({ type: 'subscribe', channels: ['batches'] }, 'subscription_confirmed');
    const { batch_id } = await daemon.client.batches.start({
      photos: watched.map((path) => ({ path })),
      config: { preset: 'WhiteLayer_v4', blend: 60, output: { long_edge: 1600 } },
    });
    const started = await all.find((frame) => frame.type === 'batch_started' && frame.batch_id === batch_id);
    expect(started).toMatchObject({ status: 'running', total_photos: 6, seq: expect.any(Number) });
    one.send({ type: 'subscribe', channels: [`batch:${batch_id}`], since: (started.seq ?? 1) - 1 });
    const completed = await one.next('batch_completed');
    await all.find((frame) => frame.type === 'batch_completed' && frame.batch_id === batch_id);
    expect(completed).toMatchObject({ batch_id, processed_count: 6, progress_percent: 100 });
    const settled = one.frames
      .filter(({ type }) => type === 'photos_settled')
      .flatMap((frame) => frame.photos as ItemResult[]);
    expect(settled.map(({ path }) => path).sort()).toEqual([...watched].sort());
    for (const photo of settled) expect(existsSync(photo.output?.path ?? '')).toBe(true);
    expect(all.types()).not.toContain('photos_settled');
    const events = all.frames.filter(({ type }) => type.startsWith('batch_') && type !== 'batch_snapshot');
    const seqs = events.map(({ seq }) => seq ?? 0);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });
});

describe('a running batch', () => {
  it('pauses with at most one photo a thread to finish, and resume does only what is left', async () => {
    const socket = await Client.open(daemon.port);
    onTestFinished(() => socket.close());
    await socket.ask({ type: 'subscribe', channels: ['batches'] }, 'subscription_confirmed');
    const id = await startInTheMiddle();
    expect(await daemon.client.batches.pause(id)).toEqual({
      message: 'Batch paused successfully',
      batch_id: id,
      status: 'paused',
    });
    const paused = await socket.find((frame) => frame.type === 'batch_paused' && frame.batch_id === id);
    expect(paused.in_flight_count).toBeLessThanOrEqual(threads);
    const calm = await waitForStatus(daemon.client, id, (status) => status.in_flight_count === 0);
    expect(calm.processed_count - Number(paused.processed_count)).toBeLessThanOrEqual(threads);
    expect(calm).toMatchObject({ status: 'paused', paused_at: expect.stringMatching(/Z$/) });
    expect(calm.processed_count).toBeLessThan(big.length);
    // Another batch's whole run later it still stands where it stood.
    await finish({ photos: [{ path: small[0]! }] });
    expect(await daemon.client.batches.status(id)).toMatchObject({
      status: 'paused',
      processed_count: calm.processed_count,
    });
    const before = inodesIn(outputsOf(id));
    expect(Object.keys(before)).toHaveLength(calm.processed_count);

    expect(await daemon.client.batches.resume(id)).toMatchObject({ message: 'Batch resumed successfully' });
    expect(await waitForEnd(daemon.client, id)).toMatchObject({ status: 'completed', processed_count: 16 });
    const after = inodesIn(outputsOf(id));
    expect(Object.keys(after)).toHaveLength(16);
    expect(after).toMatchObject(before);
    for (const { attempts } of await resultsOf(id)) expect(attempts).toBe(1);
  });

  it('is cancelled for good: what comes late changes nothing and leaves nothing', async () => {
    const id = await startInTheMiddle();
    expect(await daemon.client.batches.cancel(id)).toEqual({
      message: 'Batch cancelled successfully',
      batch_id: id,
      status: 'cancelled',
    });
    const cancelled = await daemon.client.batches.status(id);
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      in_flight_count: 0,
      completed_at: expect.any(String),
    });
    expect(cancelled.processed_count).toBeLessThan(big.length);
    // Whatever was in a thread has had the time of a whole other batch.
    await finish({ photos: big.slice(0, 4).map((path) => ({ path })) });
    const later = await daemon.client.batches.status(id);
    expect({ ...later, seq: 0, photos_per_minute: 0 }).toEqual({
      ...cancelled,
      seq: 0,
      photos_per_minute: 0,
    });
    expect(readdirSync(outputsOf(id))).toHaveLength(cancelled.processed_count);
    expect(await tempFilesIn(outputsOf(id))).toEqual([]);
    for (const action of ['pause', 'resume', 'cancel']) {
      const refusal = await postJson(`${daemon.url}/batch/${id}/${action}`, {});
      expect(refusal).toMatchObject({
        status: 409,
        body: { code: 'illegal_transition', batch_id: id, batch_status: 'cancelled', status: 409 },
      });
      expect(refusal.body.error).toMatch(new RegExp(`^Failed to ${action} batch: .+`));
      expect(refusal.body.allowed_actions).toBeInstanceOf(Array);
    }
  });

  it('gives way to one of higher priority at the next photo', async () => {
    const first = await startInTheMiddle(1);
    const { batch_id: second } = await daemon.client.batches.start({
      photos: big.slice(0, 8).map((path) => ({ path })),
      priority: 1,
    });
    await daemon.client.batches.setPriority(second, 10);
    const changedAt = new Date().toISOString();
    await waitForEnd(daemon.client, second);
    expect((await daemon.client.batches.status(first)).status).toBe('running');
    const startsOf = async (id: string) =>
      (await resultsOf(id)).flatMap(({ started_at }) => (started_at === null ? [] : [started_at])).sort();
    const lastStart = (await startsOf(second)).at(-1) ?? '';
    const passed = (await startsOf(first)).filter((start) => start > changedAt && start < lastStart);
    // Those on their way into a thread, or claimed ahead, when the priority changed.
    expect(passed.length).toBeLessThanOrEqual(threads + Math.ceil(threads / 4));
    await daemon.client.batches.cancel(first);
  });

  it('stands still while a client holds it, goes on when that client lets go or its lease ends', async () => {
    const id = await startInTheMiddle(1);
    const held = await daemon.client.batches.placeHold(id, {
      client: 'editor',
      reason: 'the user edits',
      lease_s: 60,
    });
    expect(held).toMatchObject({
      status: 'running',
      holds: [{ owner: 'client:editor', reason: 'the user edits' }],
    });
    const calm = await waitForStatus(daemon.client, id, (status) => status.in_flight_count === 0);
    await daemon.client.batches.liftHold(id, { client: 'somebody else' });
    await finish({ photos: [{ path: small[0]! }] });
    expect(await daemon.client.batches.status(id)).toMatchObject({
      processed_count: calm.processed_count,
      holds: [{ owner: 'client:editor' }],
    });
    await daemon.client.batches.placeHold(id, { client: 'editor', reason: 'nearly done', lease_s: 0.3 });
    const going = await waitForStatus(
      daemon.client,
      id,
      (status) => status.processed_count > calm.processed_count,
    );
    expect(going.holds).toEqual([]);
    await daemon.client.batches.placeHold(id, { client: 'editor', reason: 'again', lease_s: 60 });
    expect((await daemon.client.batches.liftHold(id, { client: 'editor' })).holds).toEqual([]);
    expect(await waitForEnd(daemon.client, id)).toMatchObject({ status: 'completed', processed_count: 16 });
  });

  it('merges with another paused one into one batch of what is left', async () => {
    const ids = await registerPhotos(daemon.client, big);
    const first = await startInTheMiddle(1, {
      photos: undefined,
      photo_ids: ids.slice(0, 8),
    } as Partial<Start>);
    await daemon.client.batches.pause(first);
    const { batch_id: second } = await daemon.client.batches.start({
      photo_ids: ids.slice(6, 12),
      start_at: '2099-01-01T00:00:00Z',
    });
    const calm = await waitForStatus(daemon.client, first, (status) => status.in_flight_count === 0);
    const left = (await resultsOf(first)).filter(({ status }) => status === 'pending').length;
    expect(left).toBe(8 - calm.processed_count);
    const merged = await daemon.client.batches.merge([first, second]);
    const done = (await resultsOf(first)).filter(({ status }) => status === 'processed');
    const doubles = ids.slice(6, 8).filter((id) => !done.some(({ photo_id }) => photo_id === id)).length;
    expect(merged.photo_count).toBe(left + 6 - doubles);
    for (const id of [first, second]) {
      expect((await daemon.client.batches.status(id)).status).toBe('cancelled');
    }
    await daemon.client.batches.resume(merged.batch_id);
    expect(await waitForEnd(daemon.client, merged.batch_id)).toMatchObject({
      status: 'completed',
      processed_count: merged.photo_count,
    });
    const wrong = await postJson(`${daemon.url}/batch/merge`, { batch_ids: [first, merged.batch_id] });
    expect(wrong.status).toBe(409);
  });
});

describe('failed photos', () => {
  it('are tried again by retry-failed, only those with the given codes, only once they can succeed', async () => {
    const folder = await createFolder();
    const [one = '', two = ''] = await makePhotos(folder, 2);
    const away = `${two}.away`;
    const photo_ids = await registerPhotos(daemon.client, [one, two]);
    await rename(two, away);
    const status = await finish({ photo_ids });
    expect(status).toMatchObject({ status: 'completed', processed_count: 1, failed_count: 1 });
    expect(status.failure_codes).toEqual({ source_missing: 1 });
    const id = status.batch_id;
    const none = await postJson(`${daemon.url}/batch/${id}/retry-failed`, { codes: ['timeout'] });
    expect(none.status).toBe(422);
    await rename(away, two);
    const before = inodesIn(outputsOf(id));
    const retried = await daemon.client.batches.retryFailed(id, { codes: ['source_missing'] });
    expect(retried).toMatchObject({ failed_count: 0, failure_codes: {} });
    expect(await waitForEnd(daemon.client, id)).toMatchObject({
      status: 'completed',
      processed_count: 2,
      failed_count: 0,
    });
    expect(inodesIn(outputsOf(id))).toMatchObject(before);
  });
});
