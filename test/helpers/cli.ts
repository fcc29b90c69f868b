/** Runs the command line inside the test process against a given daemon and collects what it prints. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliHost, ServeFlags } from '../../bridge/cli/host.ts';
import { runCli } from '../../bridge/cli/run.ts';
import { inspectDataFolder } from '../../bridge/data-folder.ts';
import { batchUpdateCaptions } from '../../bridge/embedded/captions.ts';
import { runBatch } from '../../bridge/embedded/listings.ts';
import { checkPresetFiles } from '../../bridge/presets/check-preset-files.ts';
import { loadSettings } from '../../bridge/settings/load.ts';
import { toSettingsReport } from '../../bridge/settings/report.ts';
import { createSettingsFileApi } from '../../bridge/settings/settings-file-api.ts';

export type CliRun = { code: number; stdout: string; stderr: string; served: ServeFlags[] };
export type CliOptions = {
  url?: string;
  cwd?: string;
  env?: Record<string, string>;
  tty?: boolean;
  /** What is piped in. */
  stdin?: string;
  dataDir?: string;
  /** Other facts of the process than this one's. */
  host?: Partial<CliHost>;
  /** Called with what presses Ctrl-C. */
  onStart?: (interrupt: () => void) => void;
};

export async function runHere(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const run: CliRun = { code: -1, stdout: '', stderr: '', served: [] };
  const listeners = new Set<() => void>();
  const append = (stream: 'stdout' | 'stderr', text: string) => {
    run[stream] += text;
  };
  const place = { cwd: options.cwd ?? '/', platform: process.platform, home: tmpdir() };
  const host: CliHost = {
    platform: process.platform,
    user: { name: 'tester', uid: process.getuid?.() ?? null, home: tmpdir() },
    env: { ...(options.url && { PHOTO_BRIDGE_URL: options.url }), ...options.env },
    cwd: options.cwd ?? '/',
    stdout: { isTTY: options.tty ?? false, columns: 100, write: (text) => append('stdout', text) },
    stdin: { isTTY: false, read: async () => Buffer.from(options.stdin ?? '') },
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
    settings: async (flags) => {
      const env = options.env ?? {};
      const named = options.dataDir === undefined ? {} : { dataDir: options.dataDir };
      return toSettingsReport(loadSettings({ flags: { ...named, ...flags }, env, place: { ...place, env } }));
    },
    settingsFile: async (flags) => {
      const env = options.env ?? {};
      const named = options.dataDir === undefined ? {} : { dataDir: options.dataDir };
      return createSettingsFileApi({ flags: { ...named, ...flags }, env, place: { ...place, env } });
    },
    dataFolderUse: async (dataDir) => inspectDataFolder(dataDir),
    checkPresets: checkPresetFiles,
    publishCaptions: async ({ input, verbose: _, ...request }) =>
      batchUpdateCaptions({ ...request, captions: input, env: options.env ?? {} }),
    runListings: ({ file, ...rest }) => runBatch(file, rest),
    onInterrupt(listener) {
      listeners.add(listener);
      options.onStart?.(() => {
        for (const each of listeners) each();
      });
      return () => void listeners.delete(listener);
    },
    ...options.host,
  };
  run.code = await runCli(args, host);
  return run;
}
