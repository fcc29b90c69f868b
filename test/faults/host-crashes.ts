/** The render host killed from outside, again and again, under good photos: nobody is blamed, and the daemon does not even blink. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostsOf } from '../e2e/support.ts';
import { countDeaths, toPoisoned } from '../fixtures/poison.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { makeImage } from '../helpers/images.ts';
import { Oracle } from '../helpers/oracle.ts';
import { isRunning, killNow } from '../helpers/processes.ts';
import { type Campaign, type CampaignOptions, type Figures, noFigures } from './campaign.ts';
import { poisonEntry } from './poison.ts';
import { createRandom, type Random } from './random.ts';
import { probeStatus, type StatusProbe } from './status-probe.ts';

export type HostCrashOptions = CampaignOptions & {
  /** Photos of a batch; when it has ended before the last kill, another one is started. */
  photos?: number;
  /** Each photo says when its work begins, takes long, and is hit by the next kill. For controls. */
  isAimed?: boolean;
  /** A rule broken on purpose (`test/fixtures/mutants.ts`). */
  mutant?: string;
};

const ends = ['completed', 'failed', 'cancelled'];
const LOOK_MS = 5;

export async function runHostCrashes(options: HostCrashOptions): Promise<Figures> {
  const { seed, count, mutant, isAimed = false } = options;
  const random = createRandom(seed);
  const figures = noFigures();
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-host-crashes-'));
  const sources = await makePhotos(join(root, 'photos'), options);
  const began = performance.now();
  const daemon = await spawnDaemon({
    dataDir: join(root, 'data'),
    ...(mutant === undefined ? {} : { entry: poisonEntry, args: ['--mutant', mutant] }),
  });
  figures.readyMs.push(performance.now() - began);
  let worstMs = 0;
  try {
    for (let round = 0; figures.faults < count; round += 1) {
      const out = join(root, `out-${round}`);
      const batch = { daemon, sources, out, random, figures, isAimed };
      worstMs = Math.max(worstMs, await runBatch(batch, count));
      if (figures.problems.length > 0) break;
    }
    if (!isRunning(daemon.pid)) figures.problems.push('the daemon died');
    const hits = await countHits(join(root, 'data'));
    console.log(
      `host-crashes: ${figures.faults} kills, ${hits} photos lost their host, slowest status answer ${worstMs} ms`,
    );
    if (hits === 0) figures.problems.push('no kill found a photo in a host');
  } finally {
    await daemon.stop();
  }
  if (figures.problems.length === 0) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  else console.log(`kept for a look: ${root}`);
  return figures;
}

async function makePhotos(folder: string, { photos = 120, isAimed }: HostCrashOptions): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const bytes = await makeImage({ width: 900, height: 600 });
  return Promise.all(
    Array.from({ length: photos }, async (_, index) => {
      const path = join(folder, `photo-${String(index).padStart(5, '0')}.jpg`);
      const own = Buffer.concat([bytes, Buffer.from(`photo ${index} `)]);
      await writeFile(path, isAimed ? toPoisoned(own, 'slow') : own);
      return path;
    }),
  );
}

type BatchRun = {
  daemon: TestDaemon;
  sources: readonly string[];
  out: string;
  random: Random;
  figures: Figures;
  isAimed: boolean;
};

/** Kills until `count` in all or until the batch has ended; then waits for its end. Answers the slowest status answer, ms. */
async function runBatch(run: BatchRun, count: number): Promise<number> {
  const { daemon, sources, out, figures } = run;
  const oracle = new Oracle(out);
  oracle.watchFolder();
  const { batch_id } = await daemon.client.batches.start({
    photos: sources.map((path) => ({ path })),
    config: { preset: 'WhiteLayer_v4', output: { folder: out } },
  });
  const probe = probeStatus(daemon, batch_id);
  const ended = probe.next(({ status }) => ends.includes(status));
  let last = 0;
  while (figures.faults < count && probe.silences.length === 0) {
    const host = await nextHost(daemon.pid, probe, last);
    if (host === null) break;
    await moment(run, probe);
    if (!isRunning(host)) continue;
    killNow(host);
    last = host;
    figures.faults += 1;
  }
  const end = await ended;
  await probe.stop();
  await oracle.check(daemon.client, batch_id);
  oracle.stopWatching();
  figures.problems.push(...oracle.faults, ...probe.silences);
  figures.doubleWrites += oracle.faults.length;
  if (end?.processed_count !== sources.length) {
    figures.problems.push(
      `${end?.status}: ${end?.processed_count} of ${sources.length} processed, ${end?.failed_count} failed ${JSON.stringify(end?.failure_codes)}`,
    );
  }
  return probe.worstMs;
}

/** Of a host that was just started: any in the first second and a half, or any after a photo was done by it. */
async function moment({ random, sources, isAimed }: BatchRun, probe: StatusProbe): Promise<void> {
  if (isAimed) {
    const begun = () => sources.reduce((sum, path) => sum + countDeaths(path), 0);
    const before = begun();
    while (begun() === before && !ends.includes(probe.status?.status ?? '')) await delay(LOOK_MS);
    return;
  }
  const isAtWork = random.next() < 0.5;
  const wait = random.whole(0, isAtWork ? 200 : 1500);
  const before = probe.status?.processed_count ?? 0;
  if (isAtWork)
    await probe.next(({ status, processed_count }) => processed_count > before || ends.includes(status));
  await delay(wait);
}

/** The process id of a host that is not the `last` one; null when the batch has ended. */
async function nextHost(daemon: number, probe: StatusProbe, last: number): Promise<number | null> {
  for (;;) {
    if (probe.silences.length > 0 || ends.includes(probe.status?.status ?? '')) return null;
    const host = (await hostsOf(daemon)).find((pid) => pid !== last && isRunning(pid));
    if (host !== undefined) return host;
    await delay(LOOK_MS);
  }
}

async function countHits(dataDir: string): Promise<number> {
  const log = await readFile(join(dataDir, 'logs', 'bridge.log'), 'utf8').catch(() => '');
  return log.split('host died under a photo').length - 1;
}

export const hostCrashes: Campaign = {
  name: 'host-crashes',
  what: 'the render host killed from outside under good photos',
  unit: 'kills',
  longCount: 500,
  async missing() {
    return process.platform === 'linux' ? null : 'Linux only';
  },
  run: runHostCrashes,
};
