/**
 * The batch engine inside a program of its own, without a daemon: for commands and library functions that run one batch
 * with what only they have (a token of their environment, a module of the user's). Everything on disk is as the daemon's.
 */
import { join } from 'node:path';
import type { BatchApi } from '../batch/api.ts';
import { hashOf } from '../batch/canonical.ts';
import { createEngine } from '../batch/engine.ts';
import type { ItemInputs, Operation, PhotoSource } from '../batch/ports.ts';
import { type BridgeEvent, type StartBody, settingsSchema, startBodySchema } from '../contract/index.ts';
import { claimDataFolder } from '../data-folder.ts';
import { createEventLog } from '../events/event-log.ts';
import { CloseStack } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { systemClock } from '../resources/clock.ts';
import { createBatchStore } from '../store/batch-store.ts';

export type EmbeddedParts = {
  /** Absolute. One engine at a time has it; another one is refused with who that is. */
  dataDir: string;
  log: Log;
  operation: (parts: { inputs: ItemInputs }) => Operation;
};

export type EmbeddedEngine = {
  api: BatchApi;
  /**
   * Starts this batch, or goes on with the very same one that was cut off. Others that were cut off are cancelled first: what they
   * had under way is settled and stays recorded.
   */
  startOrGoOn(body: Partial<StartBody>): Promise<{ batch_id: string; isResumed: boolean }>;
  /** Told of every event. Answers how to stop being told. */
  subscribe(listener: (event: BridgeEvent) => void): () => void;
  /** Lets what runs finish for so long, then stops it. */
  close(deadlineMs: number): Promise<void>;
};

const SAVE_MS = 5000;
const DAYS_KEPT = 7;

/** Rejects with an Error for people when the folder is in use. */
export async function openEmbeddedEngine({
  dataDir,
  log,
  operation,
}: EmbeddedParts): Promise<EmbeddedEngine> {
  const stack = new CloseStack(log);
  try {
    const lock = await claimDataFolder(dataDir);
    stack.push('lock', () => lock.release());
    const store = createBatchStore({ dataDir, log });
    stack.push('store', () => store.close());
    const loaded = await store.load();
    const events = createEventLog({ epoch: loaded.epoch, clock: systemClock, log });
    const engine = createEngine({
      store: store.store,
      inputs: store.inputs,
      loaded,
      photos: noPhotos,
      operations: [operation({ inputs: store.inputs })],
      events,
      clock: systemClock,
      log,
      settings: settingsSchema.parse({}),
    });
    await engine.open();
    await engine.api.cleanup({ days_old: DAYS_KEPT, dry_run: false });
    const earlier = new Set(listOpen(engine.api).map(({ batch_id }) => batch_id));
    return {
      api: engine.api,
      startOrGoOn: (body) => startOrGoOn(engine.api, startBodySchema.parse(body), earlier),
      subscribe: (listener) => events.subscribe(({ event }) => listener(event)),
      async close(deadlineMs) {
        await engine.close(deadlineMs);
        await stack.close(SAVE_MS);
      },
    };
  } catch (thrown) {
    await stack.close(SAVE_MS);
    throw thrown;
  }
}

/**
 * A batch that was cut off is paused by the recovery, or still waits when that was before it began. Its key tells whether it is
 * this one. `earlier`: those that were there when the engine was opened.
 */
async function startOrGoOn(api: BatchApi, body: StartBody, earlier: ReadonlySet<string>) {
  const key = hashOf(body);
  // One that a disk kept from coming to rest does so now, or this says why not.
  await api.recover();
  const left = listOpen(api).filter(({ batch_id, status }) => status === 'paused' || earlier.has(batch_id));
  const same = left.find(({ batch_id }) => api.keyOf(batch_id)?.startsWith(key));
  for (const { batch_id } of left) if (batch_id !== same?.batch_id) await api.cancel(batch_id);
  if (same !== undefined) {
    if (same.status === 'paused') await api.resume(same.batch_id);
    return { batch_id: same.batch_id, isResumed: true };
  }
  const { batch_id } = await api.start(body, { idempotencyKey: `${key}-${systemClock.iso()}` });
  return { batch_id, isResumed: false };
}

function listOpen(api: BatchApi) {
  const statuses = ['paused', 'pending', 'running'] as const;
  return statuses.flatMap((status) => api.list({ limit: 1000, status }).batches);
}

const noPhotos: PhotoSource = {
  has: () => false,
  path: async () => null,
  place: async () => null,
  register: async (paths) => paths.map((path) => ({ path, reason: 'there is no catalog here' })),
  registerFolder: async () => [],
  find: async (paths) => paths.map((path) => ({ path, reason: 'there is no catalog here' })),
  findFolder: async () => [],
};

/** Where the runs of one kind over one thing (a file, a server) are kept. `key`: what that is. */
export function toRunFolder(dataDir: string, kind: string, key: string): string {
  return join(dataDir, 'runs', `${kind}-${hashOf(key).slice(0, 12)}`);
}
