/**
 * The wall clock jumps by -3 h and +400 days, in the middle of a live batch and over a restart of the daemon: no photo may
 * fail for it, nothing young may be cleaned up, nothing be started twice, and events keep their order.
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAgeMs } from '../../bridge/batch/age.ts';
import type { BatchStatusObject, BridgeEvent, StartRequest } from '../../bridge/client/index.ts';
import { makePhotos, registerPhotos, waitForEnd, waitForStatus } from '../e2e/support.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { addFigures, type Campaign, type Figures, noFigures } from './campaign.ts';
import { createSetClock, missingFaketime, type SetClock } from './set-clock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PHOTOS = 12;

/** `forgetful`: what the daemon knew of its clock is taken away meanwhile. */
type Jump = { byMs: number; place: 'live' | 'stopped' | 'killed'; forgetful?: boolean };
const jumps: readonly Jump[] = [
  { byMs: 400 * DAY, place: 'live' },
  { byMs: -3 * HOUR, place: 'killed' },
  { byMs: 400 * DAY, place: 'killed' },
  { byMs: -3 * HOUR, place: 'live' },
  { byMs: 400 * DAY, place: 'stopped' },
  { byMs: -3 * HOUR, place: 'stopped' },
];

export const clocks: Campaign = {
  name: 'clocks',
  what: 'the wall clock jumps by -3 h and +400 days, in a live batch and over a restart',
  unit: 'jumps',
  longCount: 18,
  async missing() {
    return missingFaketime();
  },
  async run({ count }) {
    let figures = noFigures();
    for (let index = 0; index < count; index += 1) {
      const jump = jumps[index % jumps.length];
      if (jump !== undefined) figures = addFigures(figures, await withScene((scene) => runJump(scene, jump)));
    }
    return figures;
  },
};

/** The positive control: a daemon that knows nothing of its clock's past, which the same checks must catch. */
export function runForgetful(): Promise<Figures> {
  return withScene((scene) => runJump(scene, { byMs: 400 * DAY, place: 'stopped', forgetful: true }));
}

/** One machine of its own: clock, data folder, photos, and the daemon that lives now. */
class Scene {
  readonly folder: string;
  readonly clock: SetClock;
  readonly figures: Figures = noFigures();
  readonly events: BridgeEvent[] = [];
  photoIds: number[] = [];
  daemon!: TestDaemon;

  constructor(folder: string, clock: SetClock) {
    this.folder = folder;
    this.clock = clock;
  }

  get client() {
    return this.daemon.client;
  }

  async start(): Promise<void> {
    const began = performance.now();
    const settings = { executor: { threads: 2 } };
    this.daemon = await spawnDaemon({ dataDir: join(this.folder, 'data'), settings, env: this.clock.env });
    this.figures.readyMs.push(performance.now() - began);
  }

  /** What of the daemon's events has not been read yet. */
  async readEvents(): Promise<void> {
    for (;;) {
      const since = this.events.at(-1)?.seq ?? 0;
      const { events } = await this.client.pollEvents({ since, timeout_s: 0 });
      if (events.length === 0) return;
      this.events.push(...events);
    }
  }

  expect(isTrue: boolean, problem: string): void {
    if (!isTrue) this.figures.problems.push(problem);
  }
}

async function withScene(act: (scene: Scene) => Promise<void>): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-clocks-'));
  const scene = new Scene(folder, await createSetClock(folder));
  try {
    await scene.start();
    const paths = await makePhotos(folder, PHOTOS, { width: 1800, height: 1200 });
    scene.photoIds = await registerPhotos(scene.client, paths);
    await act(scene);
  } finally {
    await scene.daemon?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return scene.figures;
}

async function runJump(scene: Scene, jump: Jump): Promise<void> {
  const early = { photo_ids: scene.photoIds.slice(0, 2), config: { blend: 30 } };
  const main = { photo_ids: scene.photoIds, config: { blend: 60, output: { name: '{date}-{name}' } } };
  const earlyId = (await scene.client.batches.start(early, { idempotencyKey: 'early' })).batch_id;
  const before = await waitForEnd(scene.client, earlyId);
  const mainId = (await scene.client.batches.start(main, { idempotencyKey: 'main' })).batch_id;
  await waitForStatus(scene.client, mainId, (status) => status.processed_count >= 2);
  await scene.readEvents();
  await jumpNow(scene, jump, mainId);
  await checkClock(scene, jump);
  const end = await follow(scene, mainId);
  scene.expect(end.status === 'completed', `the batch is ${end.status}`);
  scene.expect(
    end.failed_count === 0,
    `${end.failed_count} photos failed: ${JSON.stringify(end.failure_codes)}`,
  );
  scene.figures.lostPhotos += PHOTOS - end.processed_count;
  await checkOutputs(scene, mainId);
  await checkKeys(scene, { early, main, earlyId, mainId });
  await checkCleanup(scene, jump, before);
  await scene.readEvents();
  const numbers = scene.events.map(({ seq }) => seq);
  const inOrder = numbers.every((seq, index) => index === 0 || seq > (numbers[index - 1] ?? 0));
  scene.expect(inOrder, 'the events lost their order');
}

async function jumpNow(scene: Scene, { byMs, place, forgetful }: Jump, mainId: string): Promise<void> {
  if (place === 'live') {
    await scene.clock.set(byMs);
    const { pending_count } = await scene.client.batches.status(mainId);
    return scene.expect(pending_count > 0, 'the clock was set when the batch was through');
  }
  await scene.daemon.kill(place === 'killed' ? 'SIGKILL' : 'SIGTERM');
  await scene.clock.set(byMs);
  if (forgetful) await rm(join(scene.folder, 'data', 'runs.json'));
  await scene.start();
  const { status } = await scene.client.batches.status(mainId);
  scene.expect(status === 'paused', `after the restart the batch is ${status}`);
  await scene.client.batches.resume(mainId);
}

/** The control of the fault: the daemon's wall clock has jumped, and nothing but that. */
async function checkClock(scene: Scene, { byMs }: Jump): Promise<void> {
  const { batch_id } = await scene.client.batches.start({ photo_ids: scene.photoIds.slice(0, 1) });
  const { created_at, seq } = await scene.client.batches.status(batch_id);
  const away = Date.parse(created_at) - Date.now();
  if (Math.abs(away - byMs) < 60_000) scene.figures.faults += 1;
  else scene.expect(false, `the clock did not jump: ${created_at} is ${away} ms away`);
  await waitForEnd(scene.client, batch_id);
  const began = performance.now();
  await scene.client.pollEvents({ since: seq + 2 ** 30, timeout_s: 0 });
  const ended = await scene.client.batches.status(batch_id);
  await scene.client.batches.status(batch_id, { wait_s: 0.3, since: ended.seq });
  const waited = performance.now() - began;
  scene.expect(waited > 250 && waited < 10_000, `a wait of 0.3 s took ${waited} ms`);
}

async function follow(scene: Scene, id: string): Promise<BatchStatusObject> {
  for await (const status of scene.client.watchBatch(id)) {
    const { eta_seconds, photos_per_minute } = status;
    const isEta = eta_seconds === null || (eta_seconds >= 0 && eta_seconds < 3600);
    const isRate = photos_per_minute === null || (photos_per_minute > 0 && photos_per_minute < 100_000);
    scene.expect(isEta && isRate, `time to go ${eta_seconds} s at ${photos_per_minute} a minute`);
    if (['completed', 'failed', 'cancelled'].includes(status.status)) return status;
  }
  throw new Error(`${id} did not end`);
}

async function checkOutputs(scene: Scene, id: string): Promise<void> {
  const outputs = join(scene.folder, 'data', 'outputs', id);
  const names = await readdir(outputs);
  const { mtime } = await stat(join(scene.folder, 'photo-01.jpg'));
  const date = mtime.toLocaleDateString('sv-SE');
  const isNamed = names.every((name) => name.startsWith(`${date}-photo-`));
  scene.expect(isNamed, `not of ${date}: ${names.join(' ')}`);
  scene.figures.orphanTemps += names.filter((name) => name.startsWith('.pb-')).length;
  scene.figures.doubleWrites += Math.max(0, names.length - PHOTOS);
}

type Started = { early: StartRequest; main: StartRequest; earlyId: string; mainId: string };

async function checkKeys(scene: Scene, { early, main, earlyId, mainId }: Started): Promise<void> {
  const { count } = await scene.client.batches.list();
  const again = await scene.client.batches.start(early, { idempotencyKey: 'early' });
  const mainAgain = await scene.client.batches.start(main, { idempotencyKey: 'main' });
  scene.expect(
    again.batch_id === earlyId && mainAgain.batch_id === mainId,
    'a retried start was a second one',
  );
  scene.expect((await scene.client.batches.list()).count === count, 'a retried start made a batch');
}

/** Nothing that ended minutes ago is a week old, also where the difference of the clocks says so. */
async function checkCleanup(scene: Scene, { byMs }: Jump, early: BatchStatusObject): Promise<void> {
  const ended = Date.parse(early.completed_at ?? '');
  const naive = Date.now() + scene.clock.offsetMs - ended;
  if (byMs > 0) scene.expect(naive > 7 * DAY, `control: by the clocks it is only ${naive} ms old`);
  const { cleaned_count } = await scene.client.batches.cleanup({ days_old: 7 });
  scene.figures.lostChanges += cleaned_count;
  scene.expect(cleaned_count === 0, `cleanup of a week removed ${cleaned_count} fresh batches`);
  const { jumps: known } = JSON.parse(await readFile(join(scene.folder, 'data', 'runs.json'), 'utf8'));
  const age = toAgeMs(ended, Date.now() + scene.clock.offsetMs, known);
  scene.expect(age < HOUR, `by the run history it is ${age} ms old`);
  const { count } = await scene.client.batches.list();
  const all = await scene.client.batches.cleanup({ days_old: 0 });
  scene.expect(all.cleaned_count === count, `cleanup of all removed ${all.cleaned_count} of ${count}`);
}
