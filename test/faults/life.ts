/** One life of a real daemon on a data folder, from its spawn to its death. It asks the daemon nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { hostsOf, killNow } from '../helpers/processes.ts';

export type LifeOptions = {
  dataDir: string;
  /** Path of the settings file. */
  config: string;
};
export type Life = {
  readonly url: string;
  readonly client: BridgeClient;
  /** From the spawn to the ready line. */
  readonly readyMs: number;
  /** Wall clock at the spawn, milliseconds: what is older is of an earlier life. */
  readonly startedAt: number;
  /** Null while no render host runs. */
  hostPid(): Promise<number | null>;
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>;
};

const READY = /^photo-bridge listening on (http:\/\/\S+)$/m;

/** An empty data folder and a settings file below `root`. */
export function prepareLife(root: string): LifeOptions {
  const options = { dataDir: join(root, 'data'), config: join(root, 'bridge.config.json') };
  mkdirSync(options.dataDir, { recursive: true });
  writeFileSync(
    options.config,
    JSON.stringify({ executor: { threads: 2, nice: 0 }, log: { level: 'warn' } }),
  );
  return options;
}

/** Rejects, with what it said, when it ends before it is ready. */
export async function startLife(options: LifeOptions): Promise<Life> {
  // File times are finer than this clock; a process takes longer than that to begin.
  const startedAt = Date.now() + 5;
  const began = performance.now();
  const child = spawnDaemon(options);
  const ended = once(child, 'close');
  const url = await readyLine(child);
  return {
    url,
    client: createClient({ url }),
    readyMs: performance.now() - began,
    startedAt,
    hostPid: async () => (await hostsOf(child.pid ?? 0))[0] ?? null,
    async kill() {
      killNow(child.pid ?? 0);
      await ended;
    },
  };
}

/** A daemon that dies so long after its spawn, ready or not. Answers whether it was. */
export async function dieAfter(options: LifeOptions, afterMs: number): Promise<{ wasReady: boolean }> {
  const child = spawnDaemon(options);
  const ended = once(child, 'close');
  let wasReady = false;
  const ready = readyLine(child).then(
    () => {
      wasReady = true;
    },
    () => undefined,
  );
  await delay(afterMs);
  if (child.exitCode !== null) throw new Error(`The daemon ended by itself with ${child.exitCode}`);
  killNow(child.pid ?? 0);
  await ended;
  await ready;
  return { wasReady };
}

function spawnDaemon({ dataDir, config }: LifeOptions): ChildProcess {
  return spawn(self.node, [self.entry, 'serve', '--port', '0', '--data-dir', dataDir, '--config', config], {
    env: toTestEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function readyLine(child: ChildProcess): Promise<string> {
  let said = '';
  let complained = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complained = (complained + text).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const match = READY.exec(said);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('close', (code, signal) =>
      reject(new Error(`The daemon did not start (${signal ?? code}): ${complained.trim()}`)),
    );
  });
}
