/** What holds all batches or those of one disk, from outside: the daemon's run window, and disks that are nearly full. */
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BridgeClient } from '../../bridge/client/index.ts';
import { createSmallDisk, missingSmallDisk, type SmallDisk } from '../faults/small-disk.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos, waitForEnd } from './support.ts';

const HOUR = 3_600_000;
const patient = { timeout: 30_000, interval: 50 };
const resources = { profile: 'full' };
const missing = missingSmallDisk();
if (missing !== null) console.log(`skipped: nearly full disks: ${missing}`);

async function photosOf(count: number): Promise<string[]> {
  const folder = await createFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return makePhotos(folder, count);
}

function holdsOf(client: BridgeClient, id: string) {
  return client.batches
    .status(id)
    .then(({ holds }) => holds.map(({ owner, reason }) => `${owner}: ${reason}`));
}

/** Leaves so many bytes free until it is called back. */
async function fillUpTo(disk: SmallDisk, freeBytes: number): Promise<() => void> {
  const { bavail, bsize } = await statfs(disk.path);
  const filler = join(disk.path, 'nearly');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - freeBytes, 1));
  return () => rmSync(filler);
}

async function smallDisk(): Promise<SmallDisk> {
  const disk = await createSmallDisk({ megabytes: 32 });
  onTestFinished(() => disk.remove());
  return disk;
}

describe("the daemon's run window", () => {
  it('holds every batch while it is closed and says until when; without it they go on at once', async () => {
    const clock = (ms: number) => new Date(Date.now() + ms).toISOString().slice(11, 16);
    const run_window = { from: clock(2 * HOUR), to: clock(3 * HOUR), time_zone: 'UTC' };
    const daemon = await spawnDaemon({ settings: { resources, schedule: { run_window } } });
    const photos = (await photosOf(3)).map((path) => ({ path }));
    const { batch_id } = await daemon.client.batches.start({ photos });
    const status = await daemon.client.batches.status(batch_id);
    expect(status).toMatchObject({ status: 'running', processed_count: 0, in_flight_count: 0 });
    expect(status.holds).toMatchObject([
      { owner: 'schedule', until: expect.stringContaining(run_window.from) },
    ]);
    await writeFile(join(dirname(daemon.dataDir), 'bridge.config.json'), JSON.stringify({ resources }));
    expect(await waitForEnd(daemon.client, batch_id)).toMatchObject({ status: 'completed', holds: [] });
  });
});

describe.skipIf(missing !== null)('a disk that is nearly full', () => {
  it('of the outputs holds what writes there, with volume and bytes, and lifts by itself', async () => {
    const disk = await smallDisk();
    const daemon = await spawnDaemon();
    const photos = (await photosOf(3)).map((path) => ({ path }));
    const empty = await fillUpTo(disk, 200_000);
    const config = { output: { folder: join(disk.path, 'out') } };
    const { batch_id } = await daemon.client.batches.start({ photos, config });
    const elsewhere = await daemon.client.batches.start({ photos });
    await expect
      .poll(() => holdsOf(daemon.client, batch_id), patient)
      .toEqual([
        expect.stringMatching(
          new RegExp(
            `^storage: .*nearly full: volume ${disk.path} has \\d+ bytes free and needs 419431\\. Free some room`,
          ),
        ),
      ]);
    expect(await waitForEnd(daemon.client, elsewhere.batch_id)).toMatchObject({ processed_count: 3 });
    expect(await daemon.client.batches.status(batch_id)).toMatchObject({
      processed_count: 0,
      failed_count: 0,
    });
    empty();
    expect(await waitForEnd(daemon.client, batch_id)).toMatchObject({
      status: 'completed',
      processed_count: 3,
    });
  });

  it('of the data folder holds everything, takes commands all the same, and lifts by itself', async () => {
    const disk = await smallDisk();
    const dataDir = join(disk.path, 'data');
    await mkdir(dataDir);
    const daemon = await spawnDaemon({ dataDir });
    const out = await createFolder();
    onTestFinished(() => rm(out, { recursive: true, force: true }));
    const photos = (await photosOf(40)).map((path) => ({ path }));
    const empty = await fillUpTo(disk, 200_000);
    const { batch_id } = await daemon.client.batches.start({ photos, config: { output: { folder: out } } });
    await expect
      .poll(() => holdsOf(daemon.client, batch_id), patient)
      .toEqual([expect.stringMatching(/^storage: The disk of the data folder is nearly full: volume/)]);
    expect(await daemon.client.batches.setPriority(batch_id, 7)).toMatchObject({ batch_id });
    expect(await daemon.client.batches.status(batch_id)).toMatchObject({
      status: 'running',
      failed_count: 0,
    });
    empty();
    expect(await waitForEnd(daemon.client, batch_id)).toMatchObject({
      status: 'completed',
      processed_count: 40,
    });
    await daemon.stop();
  });
});
