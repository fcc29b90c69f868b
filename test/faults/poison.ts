/**
 * Photos that crash, hang or bloat their render host among good ones, with the daemon killed in between: exactly those fail,
 * after two crashes at most, and everything else is done once.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BatchStatusObject, ItemResult } from '../../bridge/client/index.ts';
import { countDeaths, type Poison, toPoisoned } from '../fixtures/poison.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { makeImage } from '../helpers/images.ts';
import { hashFiles, Oracle } from '../helpers/oracle.ts';
import { type Campaign, type CampaignOptions, type Figures, noFigures } from './campaign.ts';
import { createRandom, type Random } from './random.ts';
import { probeStatus } from './status-probe.ts';

export type PoisonOptions = CampaignOptions & {
  /** Photos in all; `count` of them are poisoned. */
  photos?: number;
  /** Times the daemon is killed, every other time right after a host died. */
  daemonKills?: number;
  kinds?: readonly [Poison, ...Poison[]];
  /** Good photos take long, so that every crash finds one beside it. */
  areGoodSlow?: boolean;
  /** A rule broken on purpose (`test/fixtures/mutants.ts`). */
  mutant?: string;
};

export const poisonEntry = fileURLToPath(new URL('../fixtures/poison-daemon.ts', import.meta.url));
/** Each ends its host. (A task that only throws takes nobody with it; the executor's tests have those.) */
const allKinds = [
  'segfault',
  'abort',
  'exit',
  'bus-error',
  'hang',
  'illegal-instruction',
  'abort',
  'segfault',
  'eat-memory',
  'exit',
] as const;
/** What each is to fail with; the others crash the decoder. */
const codes: Partial<Record<Poison, string>> = { hang: 'timeout', 'eat-memory': 'out_of_memory' };
const MAX_DEATHS = 2;
/** These begin and die later: their host may be ended meanwhile for another photo's deadline, or go with its daemon. */
const MAX_BEGUN = 8;
/** A good photo takes some hundredths of a second. */
const DEADLINE_S = 12;
const settings = { executor: { deadline_base_s: DEADLINE_S, memory_limit_mb: 600 } };
const ends = ['completed', 'failed', 'cancelled'];

type Photo = { path: string; poison: Poison | null };
type Scene = {
  photos: readonly Photo[];
  out: string;
  dataDir: string;
  args: readonly string[];
  oracle: Oracle;
  figures: Figures;
  worstMs: number;
};

export async function runPoison(options: PoisonOptions): Promise<Figures> {
  const { seed, count, daemonKills = count >= 10 ? 6 : 2, mutant } = options;
  const random = createRandom(seed);
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-poison-'));
  const photos = await makePhotos(join(root, 'photos'), random, options);
  const out = join(root, 'out');
  const dataDir = join(root, 'data');
  const oracle = new Oracle(out);
  const args = mutant === undefined ? [] : ['--mutant', mutant];
  const scene: Scene = { photos, out, dataDir, args, oracle, figures: noFigures(), worstMs: 0 };
  oracle.watchFolder();
  let daemon: TestDaemon | null = null;
  try {
    daemon = await life(scene);
    const { batch_id } = await daemon.client.batches.start({
      photos: photos.map(({ path }) => ({ path })),
      config: { output: { folder: out } },
    });
    for (let kill = 0; kill < daemonKills; kill += 1) {
      if (!(await runUntilKilled(scene, { daemon, batchId: batch_id, kill, random }))) break;
      daemon = await life(scene);
      await oracle.check(daemon.client, batch_id);
      await resume(daemon, batch_id);
    }
    const end = await runToEnd(scene, daemon, batch_id);
    if (end !== null) await judge(scene, { daemon, batchId: batch_id, end });
  } finally {
    oracle.stopWatching();
    await daemon?.stop();
  }
  return conclude(scene, root);
}

async function makePhotos(folder: string, random: Random, options: PoisonOptions): Promise<Photo[]> {
  const {
    areGoodSlow = false,
    count,
    photos: total = count < 10 ? 100 : count * 100,
    kinds = allKinds,
  } = options;
  await mkdir(folder, { recursive: true });
  const bytes = await makeImage({ width: 600, height: 400 });
  const places = new Set<number>();
  while (places.size < count) places.add(random.whole(0, total));
  const poisoned = [...places];
  return Promise.all(
    Array.from({ length: total }, async (_, index) => {
      const path = join(folder, `photo-${String(index).padStart(5, '0')}.jpg`);
      const turn = poisoned.indexOf(index);
      const poison = turn === -1 ? null : (kinds[turn % kinds.length] ?? null);
      const own = Buffer.concat([bytes, Buffer.from(`photo ${index} `)]);
      const word = poison ?? (areGoodSlow ? 'slow' : null);
      await writeFile(path, word === null ? own : toPoisoned(own, word));
      return { path, poison };
    }),
  );
}

async function life({ dataDir, args, figures }: Scene): Promise<TestDaemon> {
  const began = performance.now();
  const daemon = await spawnDaemon({ dataDir, entry: poisonEntry, args, settings });
  figures.readyMs.push(performance.now() - began);
  return daemon;
}

/** What was running is paused by the restart; in safe mode, too, this makes it go on. */
async function resume(daemon: TestDaemon, batchId: string): Promise<void> {
  const { status } = await daemon.client.batches.status(batchId);
  if (status === 'paused') await daemon.client.batches.resume(batchId);
}

function deathsOf({ photos }: Scene): number {
  return photos.reduce((sum, { path, poison }) => sum + (poison === null ? 0 : countDeaths(path)), 0);
}

type Kill = { daemon: TestDaemon; batchId: string; kill: number; random: Random };

/** False when the batch ended before the kill was due. */
async function runUntilKilled(scene: Scene, { daemon, batchId, kill, random }: Kill): Promise<boolean> {
  const probe = probeStatus(daemon, batchId);
  const before = deathsOf(scene);
  const isAfterDeath = kill % 2 === 0;
  const { processed_count } = await daemon.client.batches.status(batchId);
  const settled = processed_count + random.whole(5, 20);
  let ended = false;
  const due = (status: BatchStatusObject) => {
    ended = ends.includes(status.status);
    return ended || (isAfterDeath ? deathsOf(scene) > before : status.processed_count >= settled);
  };
  await probe.next(due);
  if (!ended && random.next() < 0.5) await delay(random.whole(0, 60));
  if (!ended) {
    const end = daemon.kill('SIGKILL');
    await probe.stop();
    await end;
    scene.figures.faults += 1;
  } else await probe.stop();
  note(scene, probe);
  return !ended;
}

function note(scene: Scene, probe: ReturnType<typeof probeStatus>): void {
  scene.worstMs = Math.max(scene.worstMs, probe.worstMs);
  // The last question of a life may have been asked while it was killed.
  scene.figures.problems.push(...probe.silences);
}

/** Null when a photo crashed more often than it may: then nothing will end any more. */
async function runToEnd(
  scene: Scene,
  daemon: TestDaemon,
  batchId: string,
): Promise<BatchStatusObject | null> {
  const probe = probeStatus(daemon, batchId);
  const isOver = () => scene.photos.some(diedTooOften);
  let broken = false;
  const end = await probe.next((status) => {
    broken = isOver();
    return broken || ends.includes(status.status);
  });
  await probe.stop();
  note(scene, probe);
  if (broken) scene.figures.problems.push('a photo crashed its host more than twice');
  return broken ? null : end;
}

function diedTooOften({ path, poison }: Photo): boolean {
  const isSudden = poison !== 'hang' && poison !== 'eat-memory';
  return poison !== null && countDeaths(path) > (isSudden ? MAX_DEATHS : MAX_BEGUN);
}

type Judged = { daemon: TestDaemon; batchId: string; end: BatchStatusObject };

async function judge(scene: Scene, { daemon, batchId, end }: Judged): Promise<void> {
  const { photos, figures, oracle, out } = scene;
  const { problems } = figures;
  await oracle.check(daemon.client, batchId);
  const results = new Map<string, ItemResult>();
  for await (const result of daemon.client.batches.eachPhoto(batchId)) results.set(result.path ?? '', result);
  for (const { path, poison } of photos) judgePhoto(scene, { path, poison, result: results.get(path) });
  const poisons = photos.filter(({ poison }) => poison !== null).length;
  const good = photos.length - poisons;
  if (end.processed_count !== good) problems.push(`${end.processed_count} processed, not ${good}`);
  if (end.failed_count !== poisons) problems.push(`${end.failed_count} failed, not ${poisons}`);
  const files = await hashFiles(out);
  const names = Object.keys(files);
  figures.orphanTemps += names.filter((name) => name.startsWith('.pb-')).length;
  const outputs = new Map([...results.values()].map(({ output }) => [output?.path ?? '', output?.sha256]));
  for (const name of names.filter((file) => !file.startsWith('.'))) {
    if (outputs.get(join(out, name)) !== files[name]) figures.partialFiles += 1;
  }
  const deaths = deathsOf(scene);
  figures.faults += deaths;
  // Who asks for them again gets the same answer, and no host dies of it.
  const crashed = [...results.values()].filter(({ failure }) => failure?.code === 'decoder_crash');
  if (crashed.length > 0) await retryCrashed(scene, { daemon, batchId, crashed });
}

function judgePhoto(
  scene: Scene,
  { path, poison, result }: Photo & { result: ItemResult | undefined },
): void {
  const { figures } = scene;
  if (result === undefined || !['processed', 'failed'].includes(result.status)) figures.lostPhotos += 1;
  if (poison === null) {
    if (result?.status !== 'processed')
      figures.problems.push(`innocent ${path}: ${result?.status} ${JSON.stringify(result?.failure)}`);
    return;
  }
  const code = codes[poison] ?? 'decoder_crash';
  if (result?.failure?.code !== code)
    figures.problems.push(
      `${poison} ${path}: ${result?.status} ${JSON.stringify(result?.failure)}, not ${code}`,
    );
  const deaths = countDeaths(path);
  if (diedTooOften({ path, poison }) || deaths === 0)
    figures.problems.push(`${poison} ${path}: ${deaths} crashes`);
}

type Retry = { daemon: TestDaemon; batchId: string; crashed: readonly ItemResult[] };

async function retryCrashed(scene: Scene, { daemon, batchId, crashed }: Retry): Promise<void> {
  const { problems } = scene.figures;
  const before = deathsOf(scene);
  await daemon.client.batches.retryFailed(batchId, { codes: ['decoder_crash'] });
  const probe = probeStatus(daemon, batchId);
  await probe.next(({ status }) => ends.includes(status));
  await probe.stop();
  if (deathsOf(scene) !== before) problems.push('retry-failed ran a photo again that had crashed twice');
  const again = new Map<number, ItemResult>();
  for await (const result of daemon.client.batches.eachPhoto(batchId)) again.set(result.photo_id, result);
  for (const { photo_id, failure } of crashed) {
    const now = again.get(photo_id)?.failure;
    if (JSON.stringify(now) !== JSON.stringify(failure))
      problems.push(`after retry-failed photo ${photo_id} says ${JSON.stringify(now)}`);
  }
}

async function conclude({ oracle, figures, worstMs }: Scene, root: string): Promise<Figures> {
  figures.problems.push(...oracle.faults);
  figures.doubleWrites += oracle.faults.filter((fault) => fault.includes('second time')).length;
  if (figures.problems.length === 0) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  else console.log(`kept for a look: ${root}`);
  console.log(`poison: slowest status answer ${worstMs} ms`);
  return figures;
}

export const poison: Campaign = {
  name: 'poison',
  what: 'photos that crash, hang or bloat the render host among a hundred times as many good ones',
  unit: 'poison photos',
  longCount: 10,
  async missing() {
    return process.platform === 'linux' ? null : 'Linux only';
  },
  run: runPoison,
};
