/** The process: arguments, environment, signals, exit codes. All else is behind `runCli` and `createDaemon`. */
import { readdirSync, readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type {
  CaptionReport,
  CaptionRequest,
  CliHost,
  DataFolderUse,
  Folders,
  PresetCheck,
  ServeFlags,
  SettingsFile,
  SettingsReport,
  User,
} from './cli/host.ts';
import type { Daemon } from './daemon.ts';
import { toError } from './errors.ts';
import { createLog, type Log } from './log.ts';

/** A graceful stop may take this long; then the process ends anyway. */
const STOP_DEADLINE_MS = 5000;
/** npm, the terminal's process group and who cleans up at exits deliver one Ctrl-C more than once: that soon it is the same. */
const SECOND_SIGNAL_AFTER_MS = 500;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNAL_NUMBERS;

const root = fileURLToPath(new URL('..', import.meta.url));
const version = loadVersion();
const interruptListeners = new Set<() => void>();
let interruptedAt = Number.NEGATIVE_INFINITY;
let serving = false;
/** Of the daemon, once it runs: its end is told there, too. */
let daemonLog: Log | null = null;

process.on('uncaughtException', endWithBug);
process.on('unhandledRejection', endWithBug);
process.stdout.on('error', endWithoutReader);
process.stderr.on('error', endWithoutReader);
process.on('SIGINT', interrupt);
// Under a limit on file sizes (`ulimit -f`) a write then answers with an error, which the store knows what to do with.
process.on('SIGXFSZ', () => undefined);

// Compiling is half of what a start costs. Kept inside the installation, where only who may change the code may write; where
// nobody may, there is no cache.
enableCompileCache(join(root, 'node_modules', '.cache', 'photo-bridge'));
const { runCli } = await import('./cli/run.ts');
const exitCode = await runCli(process.argv.slice(2), createHost());
// What was written to a pipe may still be on its way.
process.stdout.write('', () => process.exit(exitCode));

function createHost(): CliHost {
  return {
    platform: process.platform,
    user: findUser(),
    env: process.env,
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: { isTTY: isatty(0), read: () => buffer(process.stdin) },
    version,
    self: { node: process.execPath, entry: fileURLToPath(import.meta.url) },
    root,
    serve,
    folders: findFolders,
    settings: findSettings,
    settingsFile: findSettingsFile,
    dataFolderUse: findDataFolderUse,
    checkPresets,
    publishCaptions,
    async runListings({ file, ...options }) {
      const { runBatch } = await import('./embedded/listings.ts');
      return await runBatch(file, options);
    },
    onInterrupt(listener) {
      interruptListeners.add(listener);
      return () => void interruptListeners.delete(listener);
    },
  };
}

/** Runs until a signal or a fault ends it; prints exactly one line to stdout, when it is ready. */
async function serve(flags: ServeFlags, { json }: { json: boolean }): Promise<number> {
  serving = true;
  const stopRequest = Promise.withResolvers<string>();
  listenForStop(stopRequest.resolve);
  let daemon: Daemon;
  try {
    const { createDaemon } = await import('./daemon.ts');
    daemon = await createDaemon({ flags, env: process.env, cwd: process.cwd() });
    daemonLog = daemon.log;
  } catch (error) {
    return await reportFailedStart(toError(error), json);
  }
  process.on('SIGHUP', () => void daemon.reload());
  const { url } = daemon.address;
  if (json)
    process.stdout.write(`${JSON.stringify({ message: 'listening', url, pid: process.pid, version })}\n`);
  else process.stdout.write(`photo-bridge listening on ${url}\n`);
  if (!json && isUnused(daemon.dataDir)) process.stderr.write(toFirstSteps(url));

  const reason = await Promise.race([stopRequest.promise, daemon.closed.then(() => null)]);
  if (reason !== null) {
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    await daemon.stop(reason);
  }
  return 0;
}

/** The first signal asks for a graceful stop, a later one ends the process now. */
function listenForStop(request: (reason: string) => void): void {
  let firstAt: number | null = null;
  const listen = (signal: StopSignal) => {
    const now = performance.now();
    if (firstAt !== null && now - firstAt > SECOND_SIGNAL_AFTER_MS)
      process.exit(128 + SIGNAL_NUMBERS[signal]);
    firstAt ??= now;
    request(signal);
  };
  process.on('SIGTERM', listen);
  process.on('SIGINT', listen);
}

async function reportFailedStart(error: Error, json: boolean): Promise<number> {
  if (json) {
    const { toErrorJson } = await import('./cli/explain.ts');
    process.stderr.write(`${JSON.stringify(toErrorJson(error))}\n`);
    return 1;
  }
  // The daemon's own errors say what to change; of a bug the stack is worth more.
  const isBug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  process.stderr.write(`error: ${isBug ? error.stack : error.message}\n`);
  return 1;
}

/** Ctrl-C for every command but `serve`, which has its own way to end. */
function interrupt(): void {
  if (serving) return;
  const now = performance.now();
  if (now - interruptedAt < SECOND_SIGNAL_AFTER_MS) return;
  interruptedAt = now;
  if (interruptListeners.size === 0) process.exit(130);
  const listeners = [...interruptListeners];
  interruptListeners.clear();
  for (const listener of listeners) listener();
}

async function findFolders(flags: ServeFlags): Promise<Folders | null> {
  const { loadSettings } = await import('./settings/load.ts');
  const loaded = loadSettings({ flags, env: process.env });
  return loaded.ok ? { data: loaded.dataDir, logs: loaded.logsDir } : null;
}

async function findSettings(flags: ServeFlags): Promise<SettingsReport> {
  const { loadSettings } = await import('./settings/load.ts');
  const { toSettingsReport } = await import('./settings/report.ts');
  return toSettingsReport(loadSettings({ flags, env: process.env }));
}

async function findSettingsFile(flags: ServeFlags): Promise<SettingsFile> {
  const { createSettingsFileApi } = await import('./settings/settings-file-api.ts');
  return createSettingsFileApi({ flags, env: process.env });
}

async function findDataFolderUse(dataDir: string): Promise<DataFolderUse> {
  const { inspectDataFolder } = await import('./data-folder.ts');
  return inspectDataFolder(dataDir);
}

async function checkPresets(path: string): Promise<PresetCheck[]> {
  const { checkPresetFiles } = await import('./presets/check-preset-files.ts');
  return await checkPresetFiles(path);
}

async function publishCaptions({ input, verbose, ...request }: CaptionRequest): Promise<CaptionReport> {
  const { batchUpdateCaptions } = await import('./embedded/captions.ts');
  const log = createLog(verbose ? 'info' : 'error');
  return batchUpdateCaptions({ ...request, captions: input, env: process.env, log });
}

function findUser(): User {
  const uid = process.getuid?.() ?? null;
  const { USERDOMAIN: domain } = process.env;
  const name = nameUser();
  return { name: process.platform === 'win32' && domain ? `${domain}\\${name}` : name, uid, home: homedir() };
}

/** A user without an entry in the system's table (as in some containers) has only a number. */
function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? String(process.getuid?.() ?? '');
  }
}

function isUnused(dataDir: string): boolean {
  const isEmpty = (folder: string) => {
    try {
      return readdirSync(join(dataDir, folder)).every((name) => name.startsWith('.'));
    } catch {
      return true;
    }
  };
  return isEmpty('batch_states') && isEmpty('photos');
}

function toFirstSteps(url: string): string {
  return [
    'No photo and no batch yet. In another terminal, try one of these:',
    '  photo-bridge demo                                       a batch with pause, crash and recovery, in a minute',
    '  photo-bridge start FOLDER --preset WhiteLayer_v4 --watch   your own photos; they are only read',
    `Programs and the browser talk to ${url}. Ctrl-C stops the daemon.`,
    '',
  ].join('\n');
}

/** A bug: what is on disk is sound at any moment, so the safest thing is to end and be started again. */
function endWithBug(thrown: unknown): void {
  const error = toError(thrown);
  if (serving) (daemonLog ?? createLog('error')).fatal({ err: error }, 'Unexpected error, the daemon ends');
  else process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(1);
}

/** The reader of a pipe has gone (`photo-bridge list | head`): nothing is wrong. A daemon works on without one. */
function endWithoutReader(error: NodeJS.ErrnoException): void {
  if (serving) return;
  process.exit(error.code === 'EPIPE' ? 0 : 1);
}

function loadVersion(): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
