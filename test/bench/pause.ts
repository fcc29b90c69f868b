/**
 * A pause really lets go: how long until the render host uses no CPU any more, softly (photos in flight are finished) and hard (they
 * are stopped now), how many photos still finish, and how soon its memory is given back.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchDaemon, inTemporaryFolder, startDaemon } from './bench-daemon.ts';
import { makePhotoSet, SIZE_24 } from './photo-set.ts';
import { cpuOf, hasProc, memoryOf } from './process-facts.ts';
import { goals, median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 4 : 12;
const PHOTOS = 16;
const IDLE_S = 2;
const cores = availableParallelism();
/** Linux counts in hundredths of a second: a host that got not one in this time stands still. */
const STILL_MS = 250;
const LOOK_MS = 5;

type Mode = 'soft' | 'hard';
type Pause = { answerMs: number; stillMs: number; finished: number };

async function bench(folder: string): Promise<void> {
  const sizes = Array.from({ length: PHOTOS }, () => SIZE_24);
  const paths = await makePhotoSet({ folder: join(folder, 'photos'), sizes, samples: 0 });
  const settings = { library: { folders: [] }, executor: { idle_s: IDLE_S } };
  const daemon = await startDaemon({ dataDir: join(folder, 'data'), settings });
  try {
    const { photos } = await daemon.client.photos.add({ paths });
    const ids = photos.map(({ photo_id }) => photo_id);
    const found: Record<Mode, Pause[]> = { soft: [], hard: [] };
    await pauseOnce(daemon, { ids, folder, mode: 'soft', round: 0 });
    for (let round = 0; round < rounds; round += 1) {
      for (const mode of ['soft', 'hard'] as const)
        found[mode].push(await pauseOnce(daemon, { ids, folder, mode, round }));
    }
    report(found, await measureRelease(daemon, { ids, folder, mode: 'soft', round: 0 }));
  } finally {
    await daemon.kill('SIGTERM');
  }
}

type Order = { ids: number[]; folder: string; mode: Mode; round: number };

/** Starts a batch, pauses it in full work, and watches the host. */
async function pauseOnce(daemon: BenchDaemon, order: Order): Promise<Pause> {
  const { batch_id, host } = await startWork(daemon, order);
  const before = (await daemon.client.batches.status(batch_id)).processed_count;
  const asked = performance.now();
  await daemon.client.batches.pause(batch_id, { mode: order.mode });
  const answerMs = performance.now() - asked;
  const stillMs = (await untilStill(host)) - asked;
  const finished = (await daemon.client.batches.status(batch_id)).processed_count - before;
  await daemon.client.batches.cancel(batch_id);
  return { answerMs, stillMs, finished };
}

/** Pauses at ever other moments of a photo. */
async function startWork(daemon: BenchDaemon, { ids, folder, round }: Order) {
  const output = { folder: join(folder, 'outputs'), on_conflict: 'overwrite' as const };
  const body = { photo_ids: ids, config: { preset: 'WhiteLayer_v4', blend: 60, output } };
  const { batch_id } = await daemon.client.batches.start(body);
  while ((await daemon.client.batches.status(batch_id)).processed_count < cores) await delay(LOOK_MS);
  await delay((round * 37) % 250);
  return { batch_id, host: daemon.hostPid() ?? 0 };
}

/** The moment of the last CPU the host got. */
async function untilStill(host: number): Promise<number> {
  let used = cpuOf(host);
  let lastMs = performance.now();
  while (performance.now() - lastMs < STILL_MS) {
    await delay(LOOK_MS);
    const now = cpuOf(host);
    // 0: the process is gone.
    if (now === 0) return performance.now();
    if (now !== used) lastMs = performance.now();
    used = now;
  }
  return lastMs;
}

type Release = { megabytes: number; afterMs: number };

/** A paused batch keeps no host: its memory is free when the idle time is over. */
async function measureRelease(daemon: BenchDaemon, order: Order): Promise<Release> {
  const { batch_id, host } = await startWork(daemon, order);
  await daemon.client.batches.pause(batch_id);
  const stillMs = await untilStill(host);
  const megabytes = memoryOf(host).now;
  while (memoryOf(host).now > 0) {
    if (performance.now() - stillMs > 30_000) return { megabytes, afterMs: Number.POSITIVE_INFINITY };
    await delay(LOOK_MS * 4);
  }
  return { megabytes, afterMs: performance.now() - stillMs };
}

function report(found: Record<Mode, Pause[]>, release: Release): void {
  const line = (mode: Mode): string[] => {
    const of = (pick: (one: Pause) => number): number[] => found[mode].map(pick);
    const still = of((one) => one.stillMs);
    return row(
      mode,
      median(of((one) => one.answerMs)).toFixed(0),
      median(still).toFixed(0),
      range(still, 0),
      Math.max(...of((one) => one.finished)),
    );
  };
  table(
    `Pause in full work on ${PHOTOS} photos of 24 megapixels (${rounds} each, in turns)`,
    ['', 'answer ms', 'ms until the host stands still', 'range', 'photos finished, at most'],
    [line('soft'), line('hard')],
  );
  note(`the paused host had ${release.megabytes.toFixed(0)} MB`);
  goals([
    {
      what: 'hard: slowest until the host uses no CPU',
      value: Math.max(...found.hard.map((one) => one.stillMs)),
      limit: 200,
      unit: 'ms',
    },
    {
      what: 'soft: photos finished after it',
      value: Math.max(...found.soft.map((one) => one.finished)),
      limit: cores,
      unit: 'photos',
    },
    {
      what: `memory given back, idle time ${IDLE_S} s`,
      value: release.afterMs / 1000,
      limit: IDLE_S + 1,
      unit: 's',
    },
  ]);
}

if (hasProc) await inTemporaryFolder(bench);
else note('skipped: this system has no /proc to read CPU times from');
