/**
 * The disk of the data folder is full, or has no inode left, in the middle of a batch: changes are refused with 507, the batch
 * is held and visible, what was under way is still recorded, and it goes on by itself when there is room.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { type BatchStatusObject, type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { makePhotos, postJson, waitForStatus } from '../e2e/support.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { poisonEntry } from './poison.ts';
import { createSmallDisk, missingSmallDisk, type SmallDisk } from './small-disk.ts';

const PHOTOS = 60;

export const stateDisk: Campaign = {
  name: 'state-disk',
  what: 'the disk of the data folder is full, without inodes, full across a kill -9',
  unit: 'disks',
  longCount: 3,
  async missing() {
    return missingSmallDisk();
  },
  run: runStateDisk,
};

/** `mutant`: a rule broken on purpose (`test/fixtures/mutants.ts`). */
export async function runStateDisk({ count, mutant }: { count: number; mutant?: string }): Promise<Figures> {
  const scenes = [fillAndFree, fillKillAndFree, fillInodes];
  const figures = noFigures();
  for (let index = 0; index < count; index += 1) {
    const scene = scenes[index % scenes.length];
    if (scene !== undefined) await onSmallDisk(figures, scene, mutant);
  }
  return figures;
}

type Scene = (stage: Stage) => Promise<void>;
/** A daemon on a small disk with a batch under way; the outputs lie elsewhere. */
type Stage = {
  figures: Figures;
  disk: SmallDisk;
  batchId: string;
  start(): Promise<void>;
  daemon(): SpawnedDaemon;
  client(): BridgeClient;
  check(isTrue: boolean, sentence: string): void;
};

async function onSmallDisk(figures: Figures, scene: Scene, mutant: string | undefined): Promise<void> {
  const disk = await createSmallDisk({ megabytes: 16, inodes: 300 });
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-state-disk-'));
  const lives: SpawnedDaemon[] = [];
  const running = () => {
    const daemon = lives.at(-1);
    if (daemon === undefined) throw new Error('no daemon runs');
    return daemon;
  };
  const start = async () => {
    const began = performance.now();
    const args = ['--port', '0', '--data-dir', join(disk.path, 'data')];
    const program =
      mutant === undefined
        ? { self, args: [...args, '--log-level', 'silent'] }
        : { self: { ...self, entry: poisonEntry }, args: [...args, '--mutant', mutant] };
    // Else the batches are held before the disk is full to the last byte, which is what this is about.
    const env = { ...toTestEnvironment(), PHOTO_BRIDGE_RESOURCES_MIN_FREE_MB: '0' };
    lives.push(await spawnServe({ ...program, env, cwd: folder }));
    figures.readyMs.push(performance.now() - began);
  };
  try {
    const paths = await makePhotos(folder, PHOTOS, { width: 900, height: 600 });
    await start();
    const client = () => createClient({ url: running().url });
    const output = { folder: join(folder, 'out') };
    const photos = paths.map((path) => ({ path }));
    const { batch_id: batchId } = await client().batches.start({ photos, config: { output } });
    await waitForStatus(client(), batchId, (status) => status.processed_count >= 5);
    const check = (isTrue: boolean, sentence: string) => {
      if (!isTrue) figures.problems.push(sentence);
    };
    await scene({ figures, disk, batchId, start, daemon: running, client, check });
    figures.faults += 1;
    const end = await waitForEnd(client(), batchId);
    await compare(figures, end, output.folder);
  } finally {
    await lives.at(-1)?.kill('SIGKILL');
    await disk.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Full while it runs; freed: ends by itself. */
const fillAndFree: Scene = async ({ disk, batchId, daemon, client, check }) => {
  disk.fill();
  await until(async () => (await health(daemon())).state === 'read_only');
  const held = await until(async () => {
    const status = await client().batches.status(batchId);
    return status.in_flight_count === 0 ? status : null;
  });
  check(held.status === 'running', `the batch is ${held.status} on a full state disk`);
  check(
    held.holds.some(({ owner }) => owner === 'storage'),
    'no hold of the storage is shown',
  );
  for (const [path, body] of [
    [`/batch/${batchId}/pause`, {}],
    [`/batch/${batchId}/cancel`, {}],
    [`/batch/${batchId}/priority`, { priority: 9 }],
    ['/batch/start', { photo_ids: [1] }],
  ] as const) {
    const answer = await postJson(`${daemon().url}${path}`, body);
    check(answer.status === 507, `POST ${path} was answered ${answer.status} on a full state disk`);
  }
  const before = await client().batches.status(batchId);
  disk.free();
  await until(async () => (await health(daemon())).state === 'ready');
  const after = await client().batches.status(batchId);
  check(
    after.processed_count >= before.processed_count,
    'results were forgotten when the disk had room again',
  );
};

/** Killed and started again while it is full: reads work; freed, the batch comes to rest and can be resumed. */
const fillKillAndFree: Scene = async ({ disk, batchId, daemon, client, start, check, figures }) => {
  disk.fill();
  await until(async () => (await health(daemon())).state === 'read_only');
  const told = await client().batches.status(batchId);
  await daemon().kill('SIGKILL');
  await start();
  const after = await client().batches.status(batchId);
  figures.lostChanges += Math.max(0, told.processed_count - after.processed_count);
  check(after.failed_count === 0, `${after.failed_count} photos failed`);
  disk.free();
  await until(async () => (await health(daemon())).state === 'ready');
  await until(async () => (await client().batches.status(batchId)).status === 'paused');
  await client().batches.resume(batchId);
};

/** No new file can be made: state files wait, the journal goes on. */
const fillInodes: Scene = async ({ disk, batchId, client }) => {
  disk.fillInodes();
  const { processed_count } = await client().batches.status(batchId);
  await until(async () => {
    const status = await client().batches.status(batchId);
    return status.processed_count > processed_count || status.holds.length > 0;
  });
  disk.free();
};

async function compare(figures: Figures, end: BatchStatusObject, folder: string): Promise<void> {
  const names = await readdir(folder);
  const temps = names.filter((name) => name.startsWith('.pb-')).length;
  const outputs = names.length - temps;
  figures.orphanTemps += temps;
  figures.lostPhotos += PHOTOS - Math.min(end.processed_count, outputs);
  figures.doubleWrites += Math.max(0, outputs - PHOTOS);
  if (end.status !== 'completed' || end.failed_count > 0)
    figures.problems.push(`the batch ended ${end.status} with ${end.failed_count} failed`);
}

type Health = { state: string; reason: string | null };

async function health(daemon: SpawnedDaemon): Promise<Health> {
  return (await (await fetch(`${daemon.url}/health`)).json()) as Health;
}

async function waitForEnd(client: BridgeClient, batchId: string): Promise<BatchStatusObject> {
  return until(async () => {
    const status = await client.batches.status(batchId);
    return ['completed', 'failed', 'cancelled'].includes(status.status) ? status : null;
  });
}

const PATIENCE_MS = 90_000;

/** The first true answer. Rejects when there is none for long. */
async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${look.toString()}`);
    await delay(50);
  }
}
