/**
 * SIGSTOP of the render host, of the daemon, and of both, for longer than a photo's deadline, in the middle of a batch.
 * Only a host that stood still while the daemon watched may cost a photo its deadline; nothing else may fail.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchStatusObject } from '../../bridge/client/index.ts';
import { hostsOf, makePhotos, registerPhotos, waitForEnd, waitForStatus } from '../e2e/support.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { isRunning, killNow } from '../helpers/processes.ts';
import { addFigures, type Campaign, type Figures, noFigures } from './campaign.ts';

// Many and small: the batch lasts, and none of them comes near its deadline by itself.
const PHOTOS = 80;
const THREADS = 2;
const DEADLINE_S = 4;
const FREEZE_MS = DEADLINE_S * 1000 + 1500;

export type Frozen = 'host' | 'daemon' | 'both';
const order: readonly Frozen[] = ['daemon', 'host', 'both'];

export const freezes: Campaign = {
  name: 'freezes',
  what: 'daemon, render host or both stand still (SIGSTOP) for longer than a deadline',
  unit: 'freezes',
  longCount: 12,
  async missing() {
    return process.platform === 'linux' ? null : 'children are found by /proc';
  },
  async run({ count }) {
    let figures = noFigures();
    for (let index = 0; index < count; index += 1)
      figures = addFigures(figures, await runFreeze(order[index % order.length] ?? 'daemon'));
    return figures;
  },
};

type Scene = {
  figures: Figures;
  daemon: TestDaemon;
  host: number;
  id: string;
  /** Photos told as settled to a WebSocket client that listened from the beginning. */
  told: Set<number>;
};

/** `suspects`: whom a freeze may make fail; the campaign's own rule unless a control says otherwise. */
export async function runFreeze(
  frozen: Frozen,
  suspects: 'host' | 'nobody' = frozen === 'host' ? 'host' : 'nobody',
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-freezes-'));
  const figures = noFigures();
  const ear = new AbortController();
  const began = performance.now();
  const daemon = await spawnDaemon({
    dataDir: join(folder, 'data'),
    settings: { executor: { threads: THREADS, deadline_base_s: DEADLINE_S, deadline_s_per_megapixel: 0.01 } },
  });
  figures.readyMs.push(performance.now() - began);
  try {
    const scene = await openScene({ daemon, folder, figures, signal: ear.signal });
    await freeze(scene, frozen);
    await checkEnd(scene, frozen, suspects);
  } finally {
    ear.abort();
    signal(daemon.pid, 'SIGCONT');
    await daemon.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return figures;
}

type Opening = { daemon: TestDaemon; folder: string; figures: Figures; signal: AbortSignal };

async function openScene({ daemon, folder, figures, signal }: Opening): Promise<Scene> {
  const { client } = daemon;
  const paths = await makePhotos(folder, PHOTOS, { width: 900, height: 600 });
  const photo_ids = await registerPhotos(client, paths);
  const told = new Set<number>();
  const { batch_id: id } = await client.batches.start({ photo_ids });
  void (async () => {
    for await (const event of client.events({ channels: [`batch:${id}`], since: 0, signal })) {
      if (event.type === 'photos_settled') for (const photo of event.photos) told.add(photo.photo_id);
    }
  })();
  await waitForStatus(client, id, (now) => now.processed_count >= 1 && now.in_flight_count >= 1);
  const [host] = await hostsOf(daemon.pid);
  if (host === undefined) throw new Error('no render host is at work');
  return { figures, daemon, host, id, told };
}

async function freeze(scene: Scene, frozen: Frozen): Promise<void> {
  const { daemon, host, figures } = scene;
  const victims = { host: [host], daemon: [daemon.pid], both: [daemon.pid, host] }[frozen];
  for (const pid of victims) signal(pid, 'SIGSTOP');
  const stopped = await Promise.all(victims.map(isStopped));
  if (stopped.every(Boolean)) figures.faults += 1;
  else figures.problems.push(`not all of ${frozen} stood still`);
  const still = delay(FREEZE_MS);
  if (frozen === 'host') await checkAnswers(scene, still);
  else await checkRefusal(scene);
  await still;
  // A frozen host is not woken: it has to be replaced as it is.
  if (frozen !== 'host') for (const pid of victims) signal(pid, 'SIGCONT');
}

/** While the host stands still the daemon answers as ever. */
async function checkAnswers({ daemon, id, figures }: Scene, until: Promise<void>): Promise<void> {
  let isOver = false;
  void until.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const began = performance.now();
    await daemon.client.batches.status(id);
    const took = performance.now() - began;
    if (took > 2000) figures.problems.push(`a status took ${Math.round(took)} ms`);
    await delay(100);
  }
}

/** A frozen daemon keeps its folder: a second one is refused and told whose it is. */
async function checkRefusal({ daemon, figures }: Scene): Promise<void> {
  try {
    await spawnDaemon({ dataDir: daemon.dataDir });
    figures.problems.push('a second daemon got the data folder of a frozen one');
  } catch (thrown) {
    const said = String(thrown);
    if (!said.includes(`exit code 1`) || !said.includes(`process ${daemon.pid} on port ${daemon.port}`))
      figures.problems.push(`the second daemon said: ${said}`);
  }
}

async function checkEnd(scene: Scene, frozen: Frozen, suspects: 'host' | 'nobody'): Promise<void> {
  const { daemon, figures, host, id, told } = scene;
  const end = await waitForEnd(daemon.client, id);
  const timeouts = end.failure_codes.timeout ?? 0;
  const allowed = suspects === 'host' ? THREADS : 0;
  if (end.failed_count > allowed || timeouts !== end.failed_count)
    figures.problems.push(`${end.failed_count} photos failed: ${JSON.stringify(end.failure_codes)}`);
  if (end.processed_count + end.failed_count !== PHOTOS) figures.lostPhotos += 1;
  if (frozen === 'host') await checkReplaced(scene, end);
  else if (!isRunning(host)) figures.problems.push('the host that slept was killed');
  const last = performance.now() + 10_000;
  while (told.size < PHOTOS && performance.now() < last) await delay(50);
  if (told.size < PHOTOS) figures.lostChanges += PHOTOS - told.size;
}

/** The frozen host is gone, and what it cost can be made good. */
async function checkReplaced({ daemon, figures, host, id }: Scene, end: BatchStatusObject): Promise<void> {
  if (isRunning(host)) {
    figures.problems.push('the frozen host still lives');
    killNow(host);
  }
  if (end.failed_count === 0) return void figures.problems.push('control: the frozen host cost no deadline');
  await daemon.client.batches.retryFailed(id);
  const again = await waitForEnd(daemon.client, id);
  if (again.processed_count !== PHOTOS) figures.problems.push(`after the retry ${again.failed_count} failed`);
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

async function isStopped(pid: number): Promise<boolean> {
  const last = performance.now() + 2000;
  while (performance.now() < last) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (/^State:\s+T/m.test(status)) return true;
    await delay(5);
  }
  return false;
}
