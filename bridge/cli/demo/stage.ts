/** Where the demo plays: its folders, its real daemon (which it may kill), its clock. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BridgeClient, createClient } from '../../client/index.ts';
import type { CliHost } from '../host.ts';
import { type SpawnedDaemon, spawnServe, toCleanEnvironment } from '../spawn-daemon.ts';

export type Stage = {
  readonly folder: string;
  readonly pictures: string;
  readonly results: string;
  readonly contactSheet: string;
  /** The daemon's data folder. */
  readonly dataDir: string;
  readonly client: BridgeClient;
  readonly daemon: SpawnedDaemon;
  /** Starts a daemon on the data folder, which keeps what an earlier one left there. */
  start(): Promise<void>;
  /** Ends the daemon and, if nothing went wrong, forgets its data. Pictures and results stay. */
  close(options: { keepData: boolean }): Promise<void>;
};

/** `keep`: folder for pictures and results, made if missing; absent: a new temporary one. */
export async function createStage(host: CliHost, keep: string | undefined): Promise<Stage> {
  const prefix = join(tmpdir(), 'photo-bridge-demo-');
  const folder = keep === undefined ? await mkdtemp(prefix) : resolve(host.cwd, keep);
  const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-demo-data-'));
  const pictures = join(folder, 'pictures');
  // A results folder of this run only: what an earlier run left must not be taken for ours.
  await mkdir(pictures, { recursive: true });
  const results = await mkdtemp(join(folder, 'results-'));
  const config = join(dataDir, 'bridge.config.json');
  // Two photos at a time, so that there is a middle to pause and to kill in also on a machine with many cores.
  await writeFile(config, `${JSON.stringify({ executor: { threads: 2 } })}\n`);
  let daemon: SpawnedDaemon | null = null;

  function running(): SpawnedDaemon {
    if (daemon === null) throw new Error('The demo has not started its daemon yet');
    return daemon;
  }

  return {
    folder,
    pictures,
    results,
    contactSheet: join(folder, 'contact-sheet.jpg'),
    dataDir,
    get daemon() {
      return running();
    },
    get client() {
      return createClient({ url: running().url });
    },
    async start() {
      daemon = await spawnServe({
        self: host.self,
        args: ['--port', '0', '--data-dir', dataDir, '--config', config, '--log-level', 'warn'],
        env: toCleanEnvironment(host.env),
        cwd: dataDir,
      });
    },
    async close({ keepData }) {
      await daemon?.kill('SIGTERM');
      if (!keepData) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
