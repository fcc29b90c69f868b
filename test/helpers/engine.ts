/** The real engine on the real store in a temp folder, over unit items. */
import { copyFile, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type Engine } from '../../bridge/batch/engine.ts';
import type {
  BatchStore,
  Clock,
  ClockHistory,
  ItemInputs,
  PhotoSource,
  SafeMode,
  UnseenDeaths,
  WebhookSender,
} from '../../bridge/batch/ports.ts';
import {
  type BridgeEvent,
  type Settings,
  type StartBody,
  settingsSchema,
  startBodySchema,
} from '../../bridge/contract/index.ts';
import { createEventLog } from '../../bridge/events/event-log.ts';
import { createLog } from '../../bridge/log.ts';
import { systemClock } from '../../bridge/resources/clock.ts';
import { createBatchStore } from '../../bridge/store/batch-store.ts';
import type { UnitOperation } from './unit-operation.ts';

export type TestEngine = Engine & {
  dataDir: string;
  events: BridgeEvent[];
  operation: UnitOperation;
  inputs: ItemInputs;
  /** Resolves with the first event (also an earlier one) that `wanted` accepts. */
  event(wanted: (event: BridgeEvent) => boolean): Promise<BridgeEvent>;
  /** Closes engine and store. */
  end(): Promise<void>;
  /** What a crash at this very moment would leave: a copy of the data folder. */
  crashCopy(): Promise<string>;
};

export async function openTestEngine(
  operation: UnitOperation,
  options: {
    dataDir?: string;
    settings?: Parameters<typeof settingsSchema.parse>[0];
    photos?: PhotoSource;
    keepEvents?: boolean;
    /** Puts something between the engine and the real store: a disk that refuses, a count of writes. */
    wrapStore?: (store: BatchStore) => BatchStore;
    clock?: Clock;
    clockHistory?: ClockHistory;
    safeMode?: SafeMode;
    unseenDeaths?: UnseenDeaths;
    webhookSender?: WebhookSender;
  } = {},
): Promise<TestEngine> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'photo-bridge-engine-')));
  const log = createLog('silent');
  const store = createBatchStore({ dataDir, log, reserveBytes: 0 });
  const loaded = await store.load();
  const eventLog = createEventLog({ epoch: loaded.epoch, clock: systemClock, log });
  const events: BridgeEvent[] = [];
  const watchers = new Set<(event: BridgeEvent) => void>();
  eventLog.subscribe(({ event }) => {
    if (options.keepEvents ?? true) events.push(event);
    for (const watcher of watchers) watcher(event);
  });
  const settings: Settings = settingsSchema.parse(options.settings ?? {});
  const engine = createEngine({
    store: options.wrapStore?.(store.store) ?? store.store,
    inputs: store.inputs,
    loaded,
    photos: options.photos ?? everyPhoto(),
    operations: [operation],
    events: eventLog,
    clock: options.clock ?? systemClock,
    log,
    settings,
    ...(options.clockHistory && { clockHistory: options.clockHistory }),
    ...(options.safeMode && { safeMode: options.safeMode }),
    ...(options.unseenDeaths && { unseenDeaths: options.unseenDeaths }),
    ...(options.webhookSender && { webhookSender: options.webhookSender }),
  });
  await engine.open();
  return {
    ...engine,
    dataDir,
    events,
    operation,
    inputs: store.inputs,
    event: (wanted) => {
      const earlier = events.find(wanted);
      if (earlier !== undefined) return Promise.resolve(earlier);
      return new Promise((resolve) => {
        const watcher = (event: BridgeEvent): void => {
          if (!wanted(event)) return;
          watchers.delete(watcher);
          resolve(event);
        };
        watchers.add(watcher);
      });
    },
    async end() {
      await engine.close(0);
      await store.close();
    },
    async crashCopy() {
      const copy = await mkdtemp(join(tmpdir(), 'photo-bridge-crash-'));
      await copyLive(dataDir, copy);
      return copy;
    },
  };
}

/** Every positive id is a photo. */
export function everyPhoto(): PhotoSource {
  return {
    has: (id) => id > 0,
    path: async (id) => `/photos/${id}`,
    place: async (id) => ({ path: `/photos/${id}`, device: null }),
    register: async (paths) => paths.map((_, index) => index + 1),
    registerFolder: async () => [],
    find: async (paths) => paths.map((path, index) => ({ photoId: index + 1, path })),
    findFolder: async () => [],
  };
}

/** A start body over ids 1 to `count`. */
export function startBody(count: number, more: Record<string, unknown> = {}): StartBody {
  return startBodySchema.parse({
    photo_ids: Array.from({ length: count }, (_, index) => index + 1),
    ...more,
  });
}

/** Copies a folder that is being worked in: a file that goes meanwhile is one the crash came too late for. */
async function copyLive(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyLive(source, target);
    else if (entry.name !== 'daemon.lock') await copyFile(source, target).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
