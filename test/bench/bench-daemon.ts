/** A real daemon of its own process and data folder for a benchmark, and what can be read of it from the outside. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ProcessEnd, spawnServe, toCleanEnvironment } from '../../bridge/cli/spawn-daemon.ts';
import { type BatchStatusObject, type BridgeClient, createClient } from '../../bridge/client/index.ts';
import type { LoopReport } from './loop-watch.ts';
import { childOf, cpuOf } from './process-facts.ts';

const ownEntry = fileURLToPath(new URL('../../bridge/main.ts', import.meta.url));
const loopWatch = new URL('./loop-watch.ts', import.meta.url).href;

export type BenchDaemonOptions = {
  /** Absent: a folder below the benchmark's own. */
  dataDir: string;
  settings?: Record<string, unknown>;
  /** Another program in place of the daemon's own, started with the same flags. */
  entry?: string;
  /** Watch its event loop; costs some 250 wake-ups a second. */
  watchLoop?: boolean;
};
export type BenchDaemon = {
  readonly client: BridgeClient;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From the spawn to the line that says it listens: wall, and CPU it took. */
  readonly startMs: number;
  readonly startCpuMs: number;
  hostPid(): number | null;
  /** What was found since the last call. */
  loop(): Promise<LoopReport>;
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
};

export async function startDaemon(options: BenchDaemonOptions): Promise<BenchDaemon> {
  const { dataDir, settings = {}, entry = ownEntry, watchLoop = false } = options;
  mkdirSync(dataDir, { recursive: true });
  const config = `${dataDir}.config.json`;
  const report = `${dataDir}.loop.json`;
  // It shall not give way to the program that measures it.
  const own = { log: { level: 'warn' }, resources: { profile: 'full' } };
  writeFileSync(config, JSON.stringify({ ...own, ...settings }));
  const began = performance.now();
  const daemon = await spawnServe({
    self: { node: process.execPath, entry },
    args: ['--port', '0', '--data-dir', dataDir, '--config', config],
    env: {
      ...toCleanEnvironment(process.env),
      ...(watchLoop ? { NODE_OPTIONS: `--import=${loopWatch}`, PB_BENCH_LOOP: report } : {}),
    },
    cwd: tmpdir(),
  });
  const startMs = performance.now() - began;
  return {
    client: createClient({ url: daemon.url }),
    url: daemon.url,
    port: daemon.port,
    pid: daemon.pid,
    startMs,
    startCpuMs: cpuOf(daemon.pid),
    hostPid: () => childOf(daemon.pid, 'workers/host.ts'),
    loop: () => readLoop(daemon.pid, report),
    kill: daemon.kill,
  };
}

async function readLoop(pid: number, path: string): Promise<LoopReport> {
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(path)) await delay(5);
  return JSON.parse(readFileSync(path, 'utf8')) as LoopReport;
}

/** Polls as the simplest client does. Resolves with the last status. */
export async function waitForEnd(
  client: BridgeClient,
  batchId: string,
  everyMs = 250,
): Promise<BatchStatusObject> {
  for (;;) {
    const status = await client.batches.status(batchId);
    if (['completed', 'failed', 'cancelled'].includes(status.status)) return status;
    await delay(everyMs);
  }
}

/** A temporary folder that is gone when `use` has ended. */
export async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-bench-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
