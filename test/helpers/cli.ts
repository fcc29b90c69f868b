/** Runs the command line inside the test process against a given daemon and collects what it prints. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliHost, ServeFlags } from '../../bridge/cli/host.ts';
import { runCli } from '../../bridge/cli/run.ts';

export type CliRun = { code: number; stdout: string; stderr: string; served: ServeFlags[] };
export type CliOptions = {
  url?: string;
  cwd?: string;
  env?: Record<string, string>;
  tty?: boolean;
  dataDir?: string;
  /** Called with what presses Ctrl-C. */
  onStart?: (interrupt: () => void) => void;
};

export async function runHere(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const run: CliRun = { code: -1, stdout: '', stderr: '', served: [] };
  const listeners = new Set<() => void>();
  const append = (stream: 'stdout' | 'stderr', text: string) => {
    run[stream] += text;
  };
  const host: CliHost = {
    env: { ...(options.url && { PHOTO_BRIDGE_URL: options.url }), ...options.env },
    cwd: options.cwd ?? '/',
    stdout: { isTTY: options.tty ?? false, columns: 100, write: (text) => append('stdout', text) },
    stderr: { write: (text) => append('stderr', text) },
    version: '9.9.9',
    self: { node: process.execPath, entry: fileURLToPath(new URL('../../bridge/main.ts', import.meta.url)) },
    root: fileURLToPath(new URL('../..', import.meta.url)),
    serve: async (flags) => {
      run.served.push(flags);
      return 0;
    },
    folders: async () =>
      options.dataDir === undefined ? null : { data: options.dataDir, logs: join(options.dataDir, 'logs') },
    onInterrupt(listener) {
      listeners.add(listener);
      options.onStart?.(() => {
        for (const each of listeners) each();
      });
      return () => void listeners.delete(listener);
    },
  };
  run.code = await runCli(args, host);
  return run;
}
