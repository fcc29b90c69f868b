/**
 * A real daemon between two small disks, one for its state and one for its outputs, and the power of both to cut. It asks
 * the daemon nothing and judges nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpawnedDaemon, spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { type BridgeClient, createClient } from '../../bridge/client/index.ts';
import { self } from '../helpers/daemon.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { hostsOf, isRunning, killNow } from '../helpers/processes.ts';
import { createLoopDisk, cutPower, type LoopDisk } from './loop-disk.ts';
import { type Injection, readTrace, spawnTraced } from './strace.ts';

const MEGABYTES = 64;

/** Syncs that say ok and do nothing: everywhere, or of one folder only. */
export type Lie = { calls: readonly string[]; path?: string };

export type PowerLife = {
  daemon: SpawnedDaemon;
  client: BridgeClient;
  readyMs: number;
  trace: string | null;
};

export class PowerRig {
  readonly folder: string;
  readonly state: LoopDisk;
  readonly output: LoopDisk;
  #life: PowerLife | null = null;
  #lives = 0;

  private constructor(folder: string, disks: { state: LoopDisk; output: LoopDisk }) {
    this.folder = folder;
    this.state = disks.state;
    this.output = disks.output;
  }

  static async create(): Promise<PowerRig> {
    const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-power-'));
    const state = await createLoopDisk({ megabytes: MEGABYTES });
    const output = await createLoopDisk({ megabytes: MEGABYTES }).catch(async (thrown: unknown) => {
      await state.remove();
      throw thrown;
    });
    writeFileSync(
      join(folder, 'bridge.config.json'),
      JSON.stringify({ executor: { threads: 2 }, library: { folders: [] } }),
    );
    return new PowerRig(folder, { state, output });
  }

  get dataDir(): string {
    return join(this.state.path, 'data');
  }

  /** A folder on the output disk. */
  outputFolder(name: string): string {
    return join(this.output.path, name);
  }

  /** Makes that folder before any daemon does, so that no cut takes it away. */
  keepOutputFolder(name: string): string {
    const folder = this.outputFolder(name);
    mkdirSync(folder);
    execFileSync('sync', ['-f', folder]);
    return folder;
  }

  /** Rejects, with the daemon's words, when it does not start. */
  async start(lie?: Lie): Promise<PowerLife> {
    mkdirSync(this.dataDir, { recursive: true });
    this.#lives += 1;
    const name = `life-${this.#lives}`;
    const config = join(this.folder, 'bridge.config.json');
    const args = ['--port', '0', '--data-dir', this.dataDir, '--config', config];
    const began = performance.now();
    const env = toTestEnvironment();
    const daemon =
      lie === undefined
        ? await spawnServe({ self, args, env, cwd: this.folder })
        : await spawnTraced({ folder: this.folder, name, args, ...toTrace(lie) });
    const readyMs = performance.now() - began;
    const client = createClient({ url: daemon.url });
    this.#life = { daemon, client, readyMs, trace: lie === undefined ? null : name };
    return this.#life;
  }

  /** The power goes, daemon and host with it, and comes back. `check`: the file systems as well, on copies. */
  async cut(options: { check?: boolean } = {}): Promise<void> {
    await cutPower([this.state, this.output]);
    await this.#killAll();
    await Promise.all([this.state.restart(options), this.output.restart(options)]);
  }

  /** The files whose syncs were answered without being done, one entry a call. */
  async liedAbout({ trace }: PowerLife): Promise<string[]> {
    if (trace === null) return [];
    const text = await readTrace({ folder: this.folder, name: trace });
    return [...text.matchAll(/^.*sync\(\d+<([^>]*)>.*\(INJECTED\)$/gm)].map(([, path]) => path ?? '');
  }

  async remove(): Promise<void> {
    await this.#killAll();
    await this.state.remove();
    await this.output.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #killAll(): Promise<void> {
    if (this.#life === null) return;
    const { daemon } = this.#life;
    const hosts = await hostsOf(daemon.pid);
    for (const pid of [daemon.pid, ...hosts]) killNow(pid);
    await daemon.ended;
    while (hosts.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#life = null;
  }
}

function toTrace({ calls, path }: Lie): {
  calls: readonly string[];
  paths?: readonly string[];
  inject: Injection[];
} {
  return { calls, inject: [{ calls, fault: 'retval=0' }], ...(path === undefined ? {} : { paths: [path] }) };
}
