/** Starts `serve` as a child process and waits for its one line. It stops only what it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Environment } from './host.ts';

export type SpawnOptions = {
  /** Node and the script, as in `CliHost.self`. */
  self: { node: string; entry: string };
  /** Flags of `serve`. */
  args: readonly string[];
  env: Environment;
  cwd: string;
};
export type ProcessEnd = { code: number | null; signal: NodeJS.Signals | null };
export type SpawnedDaemon = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: Promise<ProcessEnd>;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
};

const READY = /^photo-bridge listening on (http:\/\/\S+:(\d+))$/m;

/** Rejects, with what it said, when it ends before it is ready. */
export async function spawnServe({ self, args, env, cwd }: SpawnOptions): Promise<SpawnedDaemon> {
  const child = spawn(self.node, [self.entry, 'serve', ...args], {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = collectOutput(child);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.once('error', reject);
    child.stdout?.on('data', () => {
      const match = READY.exec(said.stdout);
      if (match !== null) resolve(match);
    });
    void ended.then(({ code, signal }) => {
      const end = signal === null ? `exit code ${code}` : signal;
      reject(new Error(`The daemon did not start (${end}): ${said.stderr.trim() || 'it said nothing'}`));
    });
  });
  return {
    url: ready[1] ?? '',
    port: Number(ready[2]),
    pid: child.pid ?? 0,
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    ended,
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
}

function collectOutput(child: ChildProcess): { stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return said;
}

/** The environment without this program's own settings, so that nobody's configuration leaks in. */
export function toCleanEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PHOTO_BRIDGE_')));
}
