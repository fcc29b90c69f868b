/**
 * Several daemons started at once on one data folder: a fresh one, one of a daemon that was killed, and one whose killed
 * daemon left a render host that still holds the lock. Exactly one may get it; the others end with 1 and name that one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { createClient } from '../../bridge/client/index.ts';
import { hostsOf, makePhotos, registerPhotos, waitForStatus } from '../e2e/support.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { isRunning } from '../helpers/processes.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { createRandom } from './random.ts';

export const starters: Campaign = {
  name: 'starters',
  what: 'two to six daemons started at once on one data folder, also right after a kill -9 that left a render host',
  unit: 'races',
  longCount: 60,
  async missing() {
    return process.platform === 'linux' ? null : 'children are found by /proc';
  },
  async run({ seed, count }) {
    const random = createRandom(seed);
    const figures = noFigures();
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-starters-'));
    const dataDir = join(folder, 'data');
    let winner: SpawnedDaemon | null = null;
    try {
      for (let round = 0; round < count; round += 1) {
        const orphan: Orphan | null = winner === null ? null : await endWinner(winner, { folder, round });
        winner = await race({ dataDir, figures, starters: random.whole(2, 7), orphan });
      }
    } finally {
      await winner?.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
    return figures;
  },
};

/** A frozen render host whose daemon is gone: it keeps the lock until it is woken. */
type Orphan = { pid: number };

/** Every third end is one in order, every third one by kill, every third one that leaves a host behind. */
async function endWinner(
  winner: SpawnedDaemon,
  { folder, round }: { folder: string; round: number },
): Promise<Orphan | null> {
  if (round % 3 === 1) {
    const orphan = await freezeHost(winner, folder);
    await winner.kill('SIGKILL');
    return orphan;
  }
  await winner.kill(round % 3 === 2 ? 'SIGKILL' : 'SIGTERM');
  return null;
}

async function freezeHost(winner: SpawnedDaemon, folder: string): Promise<Orphan> {
  const client = createClient({ url: winner.url });
  const paths = await makePhotos(folder, 4, { width: 1200, height: 800 });
  const { batch_id } = await client.batches.start({ photo_ids: await registerPhotos(client, paths) });
  // So many kills in a row mean safe mode: only a resume lets anything render.
  if ((await client.health()).state === 'safe_mode') await client.batches.resume(batch_id);
  await waitForStatus(client, batch_id, (now) => now.in_flight_count > 0 || now.status !== 'running');
  const [pid] = await hostsOf(winner.pid);
  if (pid === undefined) throw new Error('no render host is at work');
  process.kill(pid, 'SIGSTOP');
  return { pid };
}

type Race = { dataDir: string; figures: Figures; starters: number; orphan: Orphan | null };

/** Answers the one that got the folder. */
async function race({ dataDir, figures, starters: count, orphan }: Race): Promise<SpawnedDaemon | null> {
  const began = performance.now();
  const running = Array.from({ length: count }, () => startOne(dataDir));
  if (orphan !== null) {
    await delay(400);
    if (!isRunning(orphan.pid)) figures.problems.push('the host was to outlive its daemon for a while');
    process.kill(orphan.pid, 'SIGCONT');
  }
  const ends = await Promise.allSettled(running);
  figures.faults += 1;
  figures.readyMs.push(performance.now() - began);
  return judge(ends, figures);
}

export function startOne(dataDir: string, args: readonly string[] = []): Promise<SpawnedDaemon> {
  return spawnServe({
    self,
    args: ['--port', '0', '--data-dir', dataDir, ...args],
    env: toTestEnvironment(),
    cwd: tmpdir(),
  });
}

/** One winner, and every other one told so. Winners too many are ended. */
export async function judge(
  ends: readonly PromiseSettledResult<SpawnedDaemon>[],
  figures: Figures,
): Promise<SpawnedDaemon | null> {
  const winners = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  const [winner, ...others] = winners;
  if (winners.length !== 1) figures.problems.push(`${winners.length} of ${ends.length} got the data folder`);
  for (const other of others) await other.kill('SIGKILL');
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    const said = String(end.reason);
    const isTold = said.includes('exit code 1') && said.includes('already uses the data folder');
    const isNamed = winner !== undefined && said.includes(`process ${winner.pid}`);
    if (!isTold || !isNamed) figures.problems.push(`winner is ${winner?.pid}, but a loser said: ${said}`);
  }
  return winner ?? null;
}
