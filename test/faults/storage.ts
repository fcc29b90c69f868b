/**
 * Folders and drives that go, fill up or are swapped under running batches: each is a hold that says what to do and lifts by
 * itself, nothing fails, nothing is written in a wrong place, and every photo has its one output in the end.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { type Campaign, type Figures, noFigures } from './campaign.ts';
import { missingSmallDisk } from './small-disk.ts';
import { type Scene, scenes, withDrive } from './storage-scenes.ts';
import { Stage } from './storage-stage.ts';

export const storage: Campaign = {
  name: 'storage',
  what: 'output and source folders gone, swapped, unmounted, read-only, full',
  unit: 'rounds',
  longCount: 3,
  async missing() {
    return missingSmallDisk();
  },
  async run({ count }) {
    const figures = noFigures();
    for (let round = 0; round < count; round += 1)
      await Promise.all([playTogether(figures, scenes), playAcrossRestart(figures)]);
    return figures;
  },
};

/** A daemon that can be killed and started again over the same data folder. */
export type Host = {
  client(): BridgeClient;
  /** kill -9, and a new life. */
  restart(): Promise<void>;
  end(): Promise<void>;
};

/** `env`: what the daemon gets besides its own, to break it on purpose. */
export async function openHost(
  root: string,
  figures: Figures,
  env: Record<string, string> = {},
): Promise<Host> {
  let daemon: SpawnedDaemon;
  const start = async () => {
    const began = performance.now();
    const args = ['--port', '0', '--data-dir', join(root, 'data'), '--log-level', 'silent'];
    // Other tests that run at the same time are no reason to give way.
    const own = toTestEnvironment();
    daemon = await spawnServe({ self, args, env: { ...own, ...env }, cwd: root });
    figures.readyMs.push(performance.now() - began);
  };
  await start();
  return {
    client: () => createClient({ url: daemon.url }),
    async restart() {
      await daemon.kill('SIGKILL');
      await start();
    },
    async end() {
      await daemon.kill('SIGKILL');
    },
  };
}

/** All scenes at once, on one daemon: each of them says what went wrong in its part. */
export async function playTogether(
  figures: Figures,
  chosen: Readonly<Record<string, Scene>>,
  env: Record<string, string> = {},
): Promise<void> {
  await withFolder(async (root) => {
    const host = await openHost(root, figures, env);
    try {
      await Promise.all(
        Object.entries(chosen).map(([name, scene]) => playOne({ name, scene, root, host, figures })),
      );
    } finally {
      await host.end();
    }
  });
}

/** The drive of the outputs is pulled, and the daemon killed and started again before it is back. */
async function playAcrossRestart(figures: Figures): Promise<void> {
  await withFolder(async (root) => {
    const host = await openHost(root, figures);
    const scene: Scene = (stage) =>
      withDrive(stage, undefined, async (drive) => {
        await stage.begin(drive.path, await stage.photos());
        drive.pull();
        await stage.held(/drive of the output folder is not there/);
        await host.restart();
        await host.client().batches.resume(stage.batchId);
        await stage.held(/drive of the output folder is not there/);
        await delay(3500);
        await stage.held(/drive of the output folder is not there/);
        await stage.empty(drive.path);
        drive.plug();
        await stage.lifted();
        await stage.exactlyOnce();
      });
    try {
      await playOne({ name: 'unmounted across a restart', scene, root, host, figures });
    } finally {
      await host.end();
    }
  });
}

type Play = { name: string; scene: Scene; root: string; host: Host; figures: Figures };

export async function playOne({ name, scene, root, host, figures }: Play): Promise<void> {
  const own = join(root, name);
  await mkdir(own);
  try {
    await scene(new Stage({ name, root: own, figures, client: host.client }));
  } catch (thrown) {
    figures.problems.push(`${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

export async function withFolder(act: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'photo-bridge-storage-'));
  try {
    await act(root);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}
