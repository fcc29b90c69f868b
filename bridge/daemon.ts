/** The composition root: builds every part from top to bottom and takes it down in reverse. Holds no rules of its own. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from './batch/engine.ts';
import type { Settings } from './contract/index.ts';
import { claimDataFolder, removeRuntimeNote, saveRuntimeNote } from './data-folder.ts';
import { createEventLog } from './events/event-log.ts';
import { findUnseenDeaths } from './executor/host-marks.ts';
import { createLocalExecutor } from './executor/local-executor.ts';
import { createApp } from './http/app.ts';
import { createBridgeServer } from './http/server.ts';
import type { Health } from './http/services.ts';
import { loadToken } from './http/token.ts';
import { CloseStack } from './lifecycle.ts';
import { createDaemonLog, type Log } from './log.ts';
import { createDevelopOperation } from './operations/develop/operation.ts';
import { toPathRules } from './photos/path-rules.ts';
import { openPhotos } from './photos/photos.ts';
import { createPresetCatalog } from './presets/catalog.ts';
import { systemClock } from './resources/clock.ts';
import type { CpuCounters } from './resources/cpu-sample.ts';
import { announceGate, createGatedLimiter } from './resources/gates.ts';
import { createGovernance } from './resources/governance.ts';
import { createMachineGates } from './resources/machine-gates.ts';
import { createReport } from './resources/report.ts';
import { openSafeMode } from './resources/safe-mode.ts';
import { createSleepInhibitor } from './resources/sleep-inhibitor.ts';
import { createStateDiskGate } from './resources/state-disk.ts';
import type { Environment, SettingFlags } from './settings/environment.ts';
import { createSettings } from './settings/live-settings.ts';
import { loadSettings } from './settings/load.ts';
import { toProblemText } from './settings/problems.ts';
import { openAppendLog } from './store/append-log.ts';
import { createBatchStore, keepDamage } from './store/batch-store.ts';
import { createFreeSpace } from './store/free-space.ts';
import { createOutputFiles } from './store/output-files.ts';
import { createQuarantine } from './store/quarantine.ts';
import { createRecipeFiles } from './store/recipe-files.ts';
import { openRunHistory } from './store/run-history.ts';
import { createUpkeep } from './upkeep.ts';
import { programVersion, toVersion } from './version.ts';
import { createSockets } from './ws/sockets.ts';

export type DaemonOptions = {
  flags: SettingFlags;
  env: Environment;
  cwd: string;
  /** Another program in place of the render host. Only code can name one: neither a setting nor a flag does. */
  hostEntry?: string | undefined;
  /** Another account of the CPU in place of this machine's; likewise. */
  cpuCounters?: CpuCounters | undefined;
};
export type Daemon = {
  address: { url: string; port: number };
  dataDir: string;
  /** Reads the settings again. */
  reload(): void;
  /** Refuses new work, lets photos in flight finish for a while, saves and closes everything. Never rejects. */
  stop(reason: string): Promise<void>;
  /** Resolves when it has stopped. */
  closed: Promise<void>;
};

const MEGABYTE = 1024 * 1024;
/** Closing files, sockets and the host after the photos: well inside the five seconds a stop may take. */
const CLOSE_MS = 4500;
/** Of the time a stop may take, this much is kept for saving. */
const SAVE_MS = 1000;

/** Resolves when it listens and every batch of the last run is recovered. Rejects with an Error for people. */
export async function createDaemon(options: DaemonOptions): Promise<Daemon> {
  const loaded = loadSettings(options);
  if (!loaded.ok)
    throw new Error(`the settings cannot be used:\n${loaded.problems.map(toProblemText).join('\n')}`);
  const { dataDir, logsDir } = loaded;
  mkdirSync(logsDir, { recursive: true, mode: 0o700 });
  const log = createDaemonLog(loaded.settings.log.level, join(logsDir, 'bridge.log'));
  for (const warning of loaded.warnings) log.warn({ warning }, 'settings warning');
  const settings = createSettings(loaded, options);
  const stack = new CloseStack(log);
  stack.push('settings', () => settings.close());
  const health: Health = { live: true, ready: false, state: 'starting', reason: null };
  try {
    const { hostEntry, cpuCounters } = options;
    const parts = await openParts({
      dataDir,
      log,
      stack,
      settings: settings.current,
      hostEntry,
      cpuCounters,
    });
    const server = await openFront({ ...parts, dataDir, log, stack, settings: settings.current, health });
    await parts.machine.review();
    await parts.engine.open();
    stack.push('engine', (left) =>
      parts.engine.close(Math.max(0, Math.min(left - SAVE_MS, shutdownMs(settings.current())))),
    );
    const upkeep = createUpkeep({ dataDir, settings: settings.current, batches: parts.engine.api, log });
    stack.push('upkeep', () => upkeep.close());
    settings.onChange(({ changed, problems }) => {
      void parts.machine.review();
      void upkeep.review();
      parts.inhibitor.setAllowed(settings.current().resources.inhibit_sleep);
      parts.governance.limiter.review();
      if (problems.length > 0) log.error({ problems: problems.map(toProblemText) }, 'settings not reloaded');
      else parts.events.publish({ type: 'settings_changed', keys: [...changed] });
    });
    parts.photos.startLibrary();
    upkeep.open();
    health.state = 'ready';
    health.ready = true;
    await announce({ dataDir, address: server, stack, log });
    // First of all: an end that was asked for is no unclean one, even if the closing is cut short.
    stack.push('end of the run', () => parts.history.close());
    return toDaemon({ address: server, dataDir, reload: settings.reload, stack, health, log });
  } catch (thrown) {
    await stack.close(CLOSE_MS);
    throw thrown;
  }
}

type Base = { dataDir: string; log: Log; stack: CloseStack; settings: () => Readonly<Settings> };

/** Lock, state, executor, catalogs, engine: everything behind the front. */
async function openParts({
  dataDir,
  log,
  stack,
  settings,
  hostEntry,
  cpuCounters,
}: Base & Pick<DaemonOptions, 'hostEntry' | 'cpuCounters'>) {
  const lock = await claimDataFolder(dataDir);
  stack.push('lock', () => lock.release());
  const quarantine = createQuarantine(join(dataDir, 'quarantine'));
  const history = openRunHistory({ path: join(dataDir, 'runs.json'), log, quarantine });
  // Also after a start that failed: only a run that ends without a word is an unclean end.
  stack.push('run history', () => history.close());
  await history.begin();
  const store = createBatchStore({ dataDir, log });
  stack.push('store', () => store.close());
  const space = createFreeSpace({ leastBytes: () => settings().resources.min_free_mb * MEGABYTE });
  const outputs = createOutputFiles({ dataDir, log, space });
  stack.push('output files', () => outputs.close());
  const loaded = await store.load();
  const events = createEventLog({ epoch: loaded.epoch, clock: systemClock, log });
  const marksFolder = join(dataDir, 'render_hosts');
  const unseenDeaths = findUnseenDeaths(marksFolder);
  const inhibitor = createSleepInhibitor({ isAllowed: settings().resources.inhibit_sleep, log });
  stack.push('sleep inhibitor', () => inhibitor.close());
  const executor = createLocalExecutor({
    settings: settings().executor,
    log,
    lockFd: lock.fd,
    hostEntry,
    marksFolder,
    onActivity: (isActive) => {
      inhibitor.setWanted(isActive);
      if (isActive) governance.meter.wake();
      if (isActive) void machine.review();
    },
  });
  stack.push('executor', () => executor.close());
  const governance = createGovernance({
    executor,
    settings,
    clock: systemClock,
    events,
    log,
    counters: cpuCounters,
  });
  stack.push('governor', () => governance.close());
  const presets = await createPresetCatalog({
    folder: join(dataDir, 'presets'),
    recipes: createRecipeFiles(join(dataDir, 'recipes')),
    log,
    onChange: (change) => events.publish({ type: 'preset_changed', ...change }),
  });
  stack.push('presets', () => presets.close());
  const photos = await openPhotos({
    dataDir,
    libraryFolders: settings().library.folders,
    pathRules: () => toPathRules(settings(), dataDir),
    proofLimits: () => toSourceLimits(settings()),
    openLog: (path, onRecord) => openAppendLog(path, onRecord, { onDamage: keepDamage(quarantine, log) }),
    executor,
    presets,
    events,
    log,
    wallMs: systemClock.wallMs,
  });
  stack.push('photos', () => photos.close());
  let isBusy = () => false;
  const stateDisk = createStateDiskGate(store.store);
  announceGate(governance.limiter, events);
  announceGate(stateDisk, events);
  announceGate(executor.trouble, events);
  const safeMode = openSafeMode({ history, clock: systemClock, events, log });
  const machine = createMachineGates({
    settings,
    findLowDisk: () => space.lowText(dataDir, 'the data folder'),
    isBusy: () => isBusy(),
    events,
    clock: systemClock,
    log,
  });
  stack.push('machine gates', () => machine.close());
  const limiter = createGatedLimiter(governance.limiter, [
    safeMode,
    stateDisk,
    executor.trouble,
    ...machine.gates,
  ]);
  const develop = createDevelopOperation({
    executor,
    photos: photos.source,
    presets,
    files: outputs.files,
    sources: outputs.sources,
    paths: photos.policy,
    clock: systemClock,
    limits: toSourceLimits(settings()),
    rawEngine: () => settings().raw.engine,
    limiter,
    outputsDir: join(dataDir, 'outputs'),
  });
  const engine = createEngine({
    store: store.store,
    loaded,
    photos: photos.source,
    operations: [develop],
    events,
    clock: systemClock,
    log,
    settings: settings(),
    clockHistory: history,
    safeMode,
    unseenDeaths,
    onPhotosForgotten: (photoIds) => photos.forgetThumbnails(photoIds),
  });
  isBusy = engine.isBusy;
  return {
    store: store.store,
    history,
    events,
    inhibitor,
    governance,
    machine,
    executor,
    presets,
    photos,
    limiter,
    safeMode,
    engine,
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;

/** HTTP and WebSocket. Listens at once and answers 503 until the health says ready. */
async function openFront(base: Base & Parts & { health: Health }): Promise<{ url: string; port: number }> {
  const { dataDir, log, stack, settings, store, events, executor, presets, photos } = base;
  const { governance, limiter, safeMode, engine } = base;
  const resources = createReport({
    ...governance,
    limiter,
    load: () => governance.limiter.load,
    profile: () => settings().resources.profile,
    hostRssBytes: () => executor.hostRssBytes(),
    diskPaths: () => [dataDir],
  });
  const health = (): Health => {
    if (base.health.state !== 'ready') return base.health;
    const readOnly = store.readOnly();
    if (readOnly !== null) return { live: true, ready: false, state: 'read_only', reason: readOnly.reason };
    const { reason } = safeMode;
    return reason === null ? base.health : { live: true, ready: true, state: 'safe_mode', reason };
  };
  const app = createApp({
    batches: engine.api,
    photos: photos.api,
    presets,
    resources,
    events,
    health,
    version: () => toVersion(executor),
    settings,
    log,
  });
  const sockets = createSockets({ events, batches: engine.api, settings, log });
  const token = await loadToken(settings().security, dataDir);
  const server = createBridgeServer({ app, sockets, settings, health, token, log });
  const address = await server.listen();
  stack.push('server', (left) => server.close({ deadlineMs: Math.min(left, 1000) }));
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
  log: Log;
}): Daemon {
  const { stack, health, log } = parts;
  const closed = Promise.withResolvers<void>();
  log.info({ url: parts.address.url, data_dir: parts.dataDir }, 'listening');
  return {
    address: parts.address,
    dataDir: parts.dataDir,
    reload: () => void parts.reload(),
    async stop(reason) {
      log.info({ reason }, 'stopping');
      Object.assign(health, { ready: false, state: 'stopping', reason });
      await stack.close(CLOSE_MS);
      closed.resolve();
    },
    closed: closed.promise,
  };
}

function shutdownMs(settings: Readonly<Settings>): number {
  return settings.shutdown_timeout_s * 1000;
}

function toSourceLimits(settings: Readonly<Settings>) {
  const { photo_megapixels, photo_alone_megapixels, photo_mb } = settings.limits;
  return {
    max_pixels: photo_megapixels * 1e6,
    alone_pixels: photo_alone_megapixels * 1e6,
    max_bytes: photo_mb * MEGABYTE,
  };
}
