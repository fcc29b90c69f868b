/** Spawns a real daemon on a free port with a data folder of its own, for tests from the outside. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  type ProcessEnd,
  type SpawnedDaemon,
  spawnServe,
  toCleanEnvironment,
} from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';

export const self = {
  node: process.execPath,
  entry: fileURLToPath(new URL('../../bridge/main.ts', import.meta.url)),
};

export type TestDaemonOptions = {
  /** Absent: a new temporary folder, removed after a test that passed, kept and printed after one that failed. */
  dataDir?: string;
  env?: Record<string, string>;
  /** Further flags of `serve`. */
  args?: readonly string[];
  /** Another program in place of `main.ts`, started with the same flags. */
  entry?: string;
  /** Content of its settings file. Without `resources` it does not give way to the tests beside it. */
  settings?: Record<string, unknown>;
};
export type TestDaemon = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  readonly client: BridgeClient;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<ProcessEnd>;
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
  /** SIGTERM, and the end. Also after it has ended. */
  stop(): Promise<ProcessEnd>;
};

/**
 * Inside a test the daemon is stopped when the test ends; from a hook (`beforeAll`) the caller stops it.
 * Rejects with the daemon's own words when it does not start.
 */
export async function spawnDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const own = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'photo-bridge-test-')) : null;
  const folder = options.dataDir ?? join(own ?? '', 'data');
  await mkdir(folder, { recursive: true });
  const settingsFolder = own ?? (await mkdtemp(join(tmpdir(), 'photo-bridge-settings-')));
  const config = join(settingsFolder, 'bridge.config.json');
  await writeFile(config, JSON.stringify({ resources: { profile: 'full' }, ...options.settings }));
  const daemon = await spawnServe({
    self: { ...self, entry: options.entry ?? self.entry },
    args: ['--port', '0', '--data-dir', folder, '--config', config, ...(options.args ?? [])],
    env: { ...toCleanEnvironment(process.env), ...options.env },
    cwd: settingsFolder,
  });
  const stop = () => stopDaemon(daemon);
  cleanUpAfterTest({ daemon, stop, settingsFolder, dataDir: folder });
  return {
    url: daemon.url,
    port: daemon.port,
    pid: daemon.pid,
    dataDir: folder,
    client: createClient({ url: daemon.url }),
    get stdout() {
      return daemon.stdout;
    },
    get stderr() {
      return daemon.stderr;
    },
    ended: daemon.ended,
    kill: daemon.kill,
    stop,
  };
}

/** The daemon promises to end within 5 s; one that is frozen or broken must not hang the tests. */
async function stopDaemon(daemon: SpawnedDaemon): Promise<ProcessEnd> {
  const late = setTimeout(() => void daemon.kill('SIGKILL'), 10_000);
  try {
    return await daemon.kill('SIGTERM');
  } finally {
    clearTimeout(late);
  }
}

type CleanUp = {
  daemon: SpawnedDaemon;
  stop(): Promise<ProcessEnd>;
  settingsFolder: string;
  dataDir: string;
};

function cleanUpAfterTest({ daemon, stop, settingsFolder, dataDir }: CleanUp): void {
  try {
    onTestFinished(async ({ task }) => {
      await stop();
      if (task.result?.state === 'fail') {
        console.error(`kept for a look: ${dataDir}\nthe daemon said:\n${daemon.stderr.slice(-4000)}`);
      } else await rm(settingsFolder, { recursive: true, force: true, maxRetries: 3 });
    });
  } catch {
    // Called from a hook, not a test: its daemon lives longer than one test.
  }
}
