/** The composition root: builds every part from top to bottom and takes it down in reverse. Holds no rules of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from './contract/index.ts';
import type { Base, Replacements } from './daemon/base.ts';
import { type Batches, openBatches } from './daemon/batches.ts';
import { openFront } from './daemon/front.ts';
import { openRendering } from './daemon/rendering.ts';
import { openStorage } from './daemon/storage.ts';
import { removeRuntimeNote, saveRuntimeNote } from './data-folder.ts';
import type { Health } from './http/services.ts';
import { CloseStack } from './lifecycle.ts';
import { createDaemonLog, type DaemonLog, type Log, type LogTerminal } from './log.ts';
import { createMetrics } from './metrics/metrics.ts';
import { systemClock } from './resources/clock.ts';
import type { Environment, SettingFlags } from './settings/environment.ts';
import { createSettings, type LiveSettings } from './settings/live-settings.ts';
import { loadSettings } from './settings/load.ts';
import { toProblemText } from './settings/problems.ts';
import { createUpkeep } from './upkeep.ts';
import { programVersion } from './version.ts';

export type DaemonOptions = Replacements & {
  flags: SettingFlags;
  env: Environment;
  cwd: string;
};
export type Daemon = {
  address: { url: string; port: number };
  dataDir: string;
  log: Log;
  /** Reads the settings again. */
  reload(): void;
  /** Refuses new work, lets photos in flight finish for a while, saves and closes everything. Never rejects. */
  stop(reason: string): Promise<void>;
  /** Resolves when it has stopped. */
  closed: Promise<void>;
};

/** Closing files, sockets and the host after the photos: well inside the five seconds a stop may take. */
const CLOSE_MS = 4500;
/** The last lines of the log get this long. */
const LOG_MS = 250;
/** Of the time a stop may take, this much is kept for saving. */
const SAVE_MS = 1000;

/** Resolves when it listens and every batch of the last run is recovered. Rejects with an Error for people. */
export async function createDaemon(options: DaemonOptions): Promise<Daemon> {
  const loaded = loadSettings(options);
  if (!loaded.ok)
    throw new Error(`the settings cannot be used:\n${loaded.problems.map(toProblemText).join('\n')}`);
  const { dataDir, logsDir } = loaded;
  mkdirSync(logsDir, { recursive: true, mode: 0o700 });
  const daemonLog = createDaemonLog(
    loaded.settings.log,
    join(logsDir, 'bridge.log'),
    toTerminal(options.env),
  );
  const { log } = daemonLog;
  for (const warning of loaded.warnings) log.warn({ warning }, 'settings warning');
  const settings = createSettings(loaded, options);
  const stack = new CloseStack(log);
  stack.push('settings', () => settings.close());
  settings.onChange((_result, { log: logSettings }) => daemonLog.configure(logSettings));
  const health: Health = { live: true, ready: false, state: 'starting', reason: null };
  try {
    const base = { dataDir, log, stack, settings: settings.current };
    const address = await openAll(base, { options, settings, health });
    return toDaemon({ address, dataDir, reload: settings.reload, stack, health, daemonLog });
  } catch (thrown) {
    await stack.close(CLOSE_MS);
    await daemonLog.close();
    throw thrown;
  }
}

type Running = { options: Replacements; settings: LiveSettings; health: Health };

async function openAll(base: Base, { options, settings, health }: Running): Promise<Daemon['address']> {
  const { dataDir, log, stack } = base;
  let batches: Batches | null = null;
  const metrics = createMetrics(programVersion);
  stack.push('metrics', () => metrics.close());
  const storage = await openStorage({ ...base, meters: metrics.meters });
  const { hostEntry, cpuCounters } = options;
  const isBusy = () => batches?.engine.isBusy() ?? false;
  const rendering = openRendering({ ...base, hostEntry, cpuCounters, storage, isBusy });
  batches = await openBatches({ ...base, storage, rendering });
  const { engine, photos } = batches;
  const address = await openFront({
    ...base,
    storage,
    rendering,
    batches,
    health,
    configuration: settings.api,
    metrics,
  });
  await rendering.review();
  await engine.open();
  stack.push('engine', (left) =>
    engine.close(Math.max(0, Math.min(left - SAVE_MS, shutdownMs(settings.current())))),
  );
  const upkeep = createUpkeep({ dataDir, settings: settings.current, batches: engine.api, log });
  stack.push('upkeep', () => upkeep.close());
  settings.onChange(({ changed, problems }) => {
    void rendering.review();
    void upkeep.review();
    if (problems.length > 0) log.error({ problems: problems.map(toProblemText) }, 'settings not reloaded');
    else if (changed.length === 0) log.info('the settings file can be used again');
    else storage.events.publish({ type: 'settings_changed', keys: [...changed] });
  });
  photos.startLibrary();
  upkeep.open();
  health.state = 'ready';
  health.ready = true;
  await announce({ dataDir, address, stack, log });
  // First of all: an end that was asked for is no unclean one, even if the closing is cut short.
  stack.push('end of the run', () => storage.history.close());
  return address;
}

async function announce(parts: {
  dataDir: string;
  address: { url: string; port: number };
  stack: CloseStack;
  log: Log;
}): Promise<void> {
  const { dataDir, address, stack, log } = parts;
  const note = { pid: process.pid, ...address, version: programVersion, started_at: systemClock.iso() };
  // On a full disk the daemon is up all the same; only programs that ask this file for the port do not find it.
  await saveRuntimeNote(dataDir, note).catch((thrown: unknown) =>
    log.warn({ err: thrown }, 'runtime note not written'),
  );
  stack.push('runtime note', () => removeRuntimeNote(dataDir));
}

function toDaemon(parts: {
  address: Daemon['address'];
  dataDir: string;
  reload: () => unknown;
  stack: CloseStack;
  health: Health;
  daemonLog: DaemonLog;
}): Daemon {
  const { stack, health, daemonLog } = parts;
  const { log } = daemonLog;
  const closed = Promise.withResolvers<void>();
  log.info({ url: parts.address.url, data_dir: parts.dataDir }, 'listening');
  return {
    address: parts.address,
    dataDir: parts.dataDir,
    log,
    reload: () => void parts.reload(),
    async stop(reason) {
      log.info({ reason }, 'stopping');
      Object.assign(health, { ready: false, state: 'stopping', reason });
      await stack.close(CLOSE_MS);
      // A disk that hangs must not hold up the end.
      await Promise.race([daemonLog.close(), delay(LOG_MS, undefined, { ref: false })]);
      closed.resolve();
    },
    closed: closed.promise,
  };
}

/** https://no-color.org: any value but an empty one. */
function toTerminal(env: Environment): LogTerminal {
  const isTerminal = process.stderr.isTTY === true && env.TERM !== 'dumb';
  return { isTerminal, isColoured: isTerminal && (env.NO_COLOR ?? '') === '' };
}

function shutdownMs(settings: Readonly<Settings>): number {
  return settings.shutdown_timeout_s * 1000;
}
