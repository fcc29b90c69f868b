/** Everything a daemon can be asked about batches, photos and presets, over a batch with good and bad photos. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchStatusObject } from '../../bridge/client/index.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { createFolder, exchange, makePhotos, registerPhotos, waitForEnd } from './support.ts';

let daemon: TestDaemon;
let ids: number[];
let batchId: string;
let before: number;
let status: BatchStatusObject;
const refs = ['=SUM(A1)', 'a "quoted", one', 3, 'last'];

beforeAll(async () => {
  daemon = await spawnDaemon();
  const folder = await createFolder();
  const paths = await makePhotos(folder, 4, { width: 600, height: 400 });
  const bytes = await readFile(paths[3]!);
  await writeFile(paths[3]!, bytes.subarray(0, bytes.length / 2));
  ids = await registerPhotos(daemon.client, paths);
  before = (await daemon.client.pollEvents({ timeout_s: 0 })).seq;
  ({ batch_id: batchId } = await daemon.client.batches.start({
    photos: paths.map((path, index) => ({ path, ref: refs[index]! })),
    config: { preset: 'WhiteLayer_v4', blend: 60 },
  }));
  status = await waitForEnd(daemon.client, batchId);
});
afterAll(() => daemon.stop());

describe('a finished batch', () => {
  it('shows its counts, times and failures in its status', () => {
    expect(status).toMatchObject({
      status: 'completed',
      total_photos: 4,
      processed_count: 3,
      failed_count: 1,
      pending_count: 0,
      in_flight_count: 0,
      skipped_count: 0,
      progress_percent: 100,
      failure_codes: { damaged_image: 1 },
      holds: [],
      eta_seconds: null,
      operation: 'develop',
      priority: 5,
      completed_at: expect.stringMatching(/Z$/),
    });
  });

  it('gives its photos page by page and by status', async () => {
    const { batches } = daemon.client;
    const first = await batches.photos(batchId, { limit: 3 });
    const second = await batches.photos(batchId, { limit: 3, cursor: first.next_cursor ?? '' });
    expect([...first.photos, ...second.photos].map(({ photo_id }) => photo_id)).toEqual(ids);
    expect(second.next_cursor).toBeNull();
    const failed = await batches.photos(batchId, { status: 'failed' });
    expect(failed.photos).toMatchObject([
      { photo_id: ids[3], failure: { code: 'damaged_image', stage: 'decode', retryable: false } },
    ]);
    expect((await batches.photos(batchId, { limit: 999_999 })).photos).toHaveLength(4);
  });

  it('gives its results as JSON and as CSV that no spreadsheet runs', async () => {
    const json = await daemon.client.batches.results(batchId, 'json');
    expect(json.headers.get('content-disposition')).toMatch(/^attachment; filename=".+\.json"$/);
    const paged = await daemon.client.batches.photos(batchId);
    expect(((await json.json()) as typeof paged).photos).toEqual(paged.photos);
    const csv = await daemon.client.batches.results(batchId, 'csv');
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    const lines = (await csv.text()).split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^photo_id,ref,path,status,attempts/);
    expect(lines[1]).toMatch(new RegExp(`^${ids[0]},'=SUM\\(A1\\),`));
    expect(lines[2]).toMatch(new RegExp(`^${ids[1]},"a ""quoted"", one",`));
    expect(lines[4]).toContain('damaged_image');
  });

  it('has a log that can be read on from any line', async () => {
    const { lines } = await daemon.client.batches.log(batchId);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]).toMatchObject({ message: expect.stringMatching(/4 photos/) });
    const rest = await daemon.client.batches.log(batchId, lines[0]!.seq);
    expect(rest.lines).toEqual(lines.slice(1));
  });

  it('is told by the long poll from any number on, and only it when asked for only it', async () => {
    const { events } = await daemon.client.pollEvents({ since: before, batch_id: batchId, timeout_s: 0 });
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('batch_started');
    expect(types.at(-1)).toBe('batch_completed');
    const settled = events.flatMap((event) => (event.type === 'photos_settled' ? event.photos : []));
    expect(settled.map(({ photo_id }) => photo_id).sort()).toEqual([...ids].sort());
    expect(new Set(events.map((event) => 'batch_id' in event && event.batch_id))).toEqual(new Set([batchId]));
  });
});

describe('waiting', () => {
  it('for a status ends with the change, for an event with the event, and else in its time', async () => {
    const { batch_id } = await daemon.client.batches.start({
      photo_ids: ids,
      start_at: '2099-01-01T00:00:00Z',
    });
    const now = await daemon.client.batches.status(batch_id);
    expect(now).toMatchObject({ status: 'pending', holds: [{ owner: 'schedule' }] });
    // What the start itself announces may still follow; nothing else does.
    const quiet = await daemon.client.batches.status(batch_id, { wait_s: 0.3, since: now.seq });
    const same = await daemon.client.batches.status(batch_id, { wait_s: 0.05, since: quiet.seq });
    expect(same.seq).toBe(quiet.seq);
    const waits = [
      daemon.client.batches.status(batch_id, { wait_s: 30, since: quiet.seq }),
      daemon.client.pollEvents({ since: quiet.seq, timeout_s: 30, batch_id }),
    ] as const;
    await daemon.client.batches.cancel(batch_id);
    expect(await waits[0]).toMatchObject({ status: 'cancelled' });
    const { events } = await waits[1];
    expect(events.at(-1)).toMatchObject({ type: 'batch_cancelled', batch_id });
  });
});

describe('the list', () => {
  it('has every batch, newest first, by status and page by page', async () => {
    const more: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const body = { photo_ids: ids, start_at: '2099-01-01T00:00:00Z' };
      more.unshift((await daemon.client.batches.start(body)).batch_id);
    }
    const { batches } = daemon.client;
    const all = await batches.list();
    expect(all.count).toBe(all.batches.length);
    expect(all.batches.slice(0, 4).map(({ batch_id }) => batch_id)).toEqual(more);
    expect(all.batches.find(({ batch_id }) => batch_id === batchId)).toEqual(await batches.status(batchId));
    const pending = await batches.list({ status: 'pending', limit: 3 });
    expect(pending.count).toBe(4);
    expect(pending.batches.map(({ batch_id }) => batch_id)).toEqual(more.slice(0, 3));
    const rest = await batches.list({ status: 'pending', limit: 3, cursor: pending.next_cursor ?? '' });
    expect(rest.batches.map(({ batch_id }) => batch_id)).toEqual(more.slice(3));
    expect(rest.next_cursor).toBeUndefined();
  });
});

describe('photos', () => {
  it('are listed in the order of registration and keep their ids', async () => {
    const page = await daemon.client.photos.list({ limit: 3 });
    expect(page.photos.map(({ photo_id }) => photo_id)).toEqual(ids.slice(0, 3));
    const next = await daemon.client.photos.list({ limit: 3, cursor: page.next_cursor ?? '' });
    expect(next.photos.map(({ photo_id }) => photo_id)).toEqual(ids.slice(3));
    expect(await registerPhotos(daemon.client, [page.photos[1]!.path])).toEqual([ids[1]]);
    expect(await daemon.client.photos.get(ids[0]!)).toMatchObject({ photo_id: ids[0], missing: false });
  });

  it('have thumbnails and previews: JPEGs of the wanted size, the look in them', async () => {
    const sizeOf = async (bytes: Uint8Array) => {
      const { format, width, height } = await sharp(bytes).metadata();
      return { format, width, height };
    };
    const thumbnail = await daemon.client.photos.thumbnail(ids[0]!, 120);
    expect(await sizeOf(thumbnail)).toEqual({ format: 'jpeg', width: 120, height: 80 });
    const plain = await daemon.client.photos.preview(ids[0]!, { width: 300 });
    const bright = await daemon.client.photos.preview(ids[0]!, { width: 300, preset: 'WhiteLayer_v4' });
    expect(await sizeOf(bright)).toEqual({ format: 'jpeg', width: 300, height: 200 });
    const lightOf = async (bytes: Uint8Array) =>
      (await sharp(bytes).stats()).channels.reduce((sum, { mean }) => sum + mean, 0);
    expect(await lightOf(bright)).toBeGreaterThan((await lightOf(plain)) + 15);
    const broken = await exchange(`${daemon.url}/photos/${ids[3]}/thumbnail`);
    expect(broken).toMatchObject({ status: 422, type: 'application/problem+json' });
  });
});

describe('presets', () => {
  it('are listed with the built-in ones, found by name, and loaded from their folder', async () => {
    const { presets } = await daemon.client.presets.list();
    expect(presets.length).toBeGreaterThan(10);
    expect(presets).toContainEqual(
      expect.objectContaining({ name: 'WhiteLayer_v4', source: 'built-in', kind: 'native', problem: null }),
    );
    expect(await daemon.client.presets.get('WhiteLayer_v4')).toMatchObject({
      name: 'WhiteLayer_v4',
      not_honoured: [],
    });
    let { seq } = await daemon.client.pollEvents({ timeout_s: 0 });
    await writeFile(join(daemon.dataDir, 'presets', 'mine.json'), '{"name": "Mine", "exposure": 1}');
    const told: unknown[] = [];
    // Others may tell of the batches of earlier tests.
    while (!told.some((event) => (event as { type: string }).type === 'preset_changed')) {
      const more = await daemon.client.pollEvents({ since: seq, timeout_s: 30 });
      told.push(...more.events);
      seq = more.seq;
    }
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'preset_changed', preset: 'Mine', change: 'added' }),
    );
    expect(await daemon.client.presets.get('Mine')).toMatchObject({ source: 'file', problem: null });
  });
});
