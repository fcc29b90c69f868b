/**
 * Puts the batch engine together from its ports and answers its API. Nothing runs before `open`, nothing after `close`.
 */
import type { JournalPayload, OperationName, Settings, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { timeZoneProblem } from '../schedule/time-zone.ts';
import { createAges } from './age.ts';
import { Announcer } from './announcer.ts';
import type { BatchApi } from './api.ts';
import type { Batch } from './batch.ts';
import { BatchLog } from './batch-log.ts';
import { hashOf } from './canonical.ts';
import { oldBatches, removeBatch, removeFiles } from './cleanup.ts';
import { toClientHold } from './client-hold.ts';
import { Committer } from './committer.ts';
import { type Core, statusContext, takesPhotos } from './core.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { Keeper } from './keeper.ts';
import { Lane } from './lane.ts';
import { Lifecycle } from './lifecycle.ts';
import { mergeBatches } from './merge.ts';
import { planBatch } from './plan.ts';
import type {
  AllInputs,
  BatchStore,
  Clock,
  ClockHistory,
  EventSink,
  LoadedState,
  Operation,
  PhotoSource,
  SafeMode,
  UnseenDeaths,
  WebhookSender,
} from './ports.ts';
import { Reader } from './reader.ts';
import {
  loadBatches,
  reportInterrupted,
  restAfterStart,
  restoreFromItemLogs,
  settleClaims,
} from './recovery.ts';
import { Registry } from './registry.ts';
import { resume } from './resume.ts';
import { draftBatch, launch, type Started } from './start.ts';
import { StorageWatch } from './storage-watch.ts';
import { Timetable } from './timetable.ts';
import { Webhooks } from './webhooks.ts';

export type EngineParts = {
  store: BatchStore;
  inputs: AllInputs;
  loaded: LoadedState;
  photos: PhotoSource;
  operations: readonly Operation[];
  events: EventSink;
  clock: Clock;
  log: Log;
  settings: Pick<Settings, 'recovery' | 'retry' | 'limits' | 'state'>;
  /** Absent: nobody is told of ends. */
  webhookSender?: WebhookSender;
  /** Absent: the wall clock never jumps. */
  clockHistory?: ClockHistory;
  /** Absent: there is none. */
  safeMode?: SafeMode;
  /** Absent: none. */
  unseenDeaths?: UnseenDeaths;
  /** The photos of a batch that was cleaned up: what is cached for them may go. */
  onPhotosForgotten?: (photoIds: ReadonlySet<number>) => Promise<void>;
};

export type Engine = {
  api: BatchApi;
  /** Recovers what the last stop left, then runs. Resolves when the batches can be asked for. */
  open(): Promise<void>;
  /** Hands out no more, lets what runs finish until `deadlineMs` from now, gives back the rest, saves everything. */
  close(deadlineMs: number): Promise<void>;
  /** A batch is running, held or not. */
  isBusy(): boolean;
};

export function createEngine(parts: EngineParts): Engine {
  const core = createCore(parts);
  const { lifecycle, timetable, storageWatch, webhooks } = core;
  const keys = new IdempotencyKeys<Started>(parts.clock, core.ages);
  /** What a disk that refused kept from coming to rest does so when that disk works again. */
  const rest = async (batches: readonly Batch[]): Promise<void> => {
    // In safe mode nothing goes on by itself; paused, each batch can be resumed.
    const onStart = core.safeMode.reason === null ? parts.settings.recovery.on_start : 'pause';
    const unrested = await restAfterStart(core, lifecycle, { onStart, batches });
    if (unrested.length === 0) return;
    const stop = parts.store.onReadOnlyChange(() => {
      if (parts.store.readOnly() !== null) return;
      stop();
      void rest(unrested.filter((batch) => batch.dormant));
    });
  };
  return {
    api: createApi(core, keys, parts),
    async open() {
      const { removed, uncertain } = loadBatches(core, parts.loaded);
      keys.load(core.registry, (id) => startedAnswer(core.registry.get(id)));
      // A disk that refuses makes the daemon start read-only, not fail.
      const refused = (thrown: unknown) =>
        parts.log.error({ err: thrown }, 'state folder not writable at start');
      for (const batchId of removed) await removeFiles(core, batchId).catch(refused);
      // A batch that damage took out of the journal may be the one that they are of.
      if (parts.loaded.journalDamaged !== true)
        await core.inputs.removeStrays((id) => core.registry.find(id) !== undefined).catch(refused);
      await parts.store.append([daemonRecord(parts.clock, 'start')], { essential: true }).catch(refused);
      await restoreFromItemLogs(core, uncertain);
      await settleClaims(core);
      core.unseenDeaths.clear();
      await rest([...core.registry.open()]);
      timetable.open();
      webhooks?.open();
      storageWatch.open();
    },
    async close(deadlineMs) {
      timetable.close();
      webhooks?.close();
      storageWatch.close();
      const hurry = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs)));
      await Promise.all([...core.lanes.values()].map((lane) => lane.close(hurry)));
      core.announcer.close();
      await core.keeper.flush();
      await parts.store
        .append([daemonRecord(parts.clock, 'stop')], { essential: true })
        .catch(() => undefined);
    },
    isBusy: () => core.registry.open().some((batch) => batch.status === 'running'),
  };
}

type FullCore = Core & {
  lifecycle: Lifecycle;
  timetable: Timetable;
  storageWatch: StorageWatch;
  webhooks: Webhooks | null;
};

function createCore(parts: EngineParts): FullCore {
  const { store, clock, log, settings } = parts;
  const keeper = new Keeper({ store, clock, log, intervalMs: settings.state.save_interval_s * 1000 });
  const committer = new Committer(store, (batch) => keeper.touch(batch));
  const lanes = new Map<OperationName, Lane>();
  const announcer = new Announcer(parts.events, (batch) => statusContext({ lanes, clock }, batch));
  const core: Core = {
    registry: new Registry(),
    committer,
    keeper,
    announcer,
    batchLog: new BatchLog(),
    lanes,
    store,
    photos: parts.photos,
    clock,
    ages: createAges(clock, parts.clockHistory ?? { jumps: () => [] }),
    safeMode: parts.safeMode ?? { reason: null, end: () => {} },
    unseenDeaths: parts.unseenDeaths ?? { found: false, clear: () => {} },
    log,
    maxPhotos: settings.limits.photos_per_batch,
    inputs: parts.inputs,
  };
  const { webhookSender } = parts;
  const webhooks = webhookSender === undefined ? null : new Webhooks(core, webhookSender);
  const lifecycle: Lifecycle = new Lifecycle(core, (batch) => {
    // So that no jump of the clock after this end goes unseen.
    core.ages();
    timetable.review();
    webhooks?.ended(batch);
  });
  const timetable = new Timetable(core, lifecycle);
  const storageWatch = new StorageWatch(core, lifecycle);
  const firstDelayMs = settings.retry.first_delay_s * 1000;
  for (const operation of parts.operations) {
    const retry = { attempts: operation.attempts ?? settings.retry.attempts, firstDelayMs };
    const lane: Lane = new Lane({
      operation,
      committer,
      announcer,
      clock,
      log,
      retry,
      onUnitEnd: (batch) => lifecycle.unitEnded(batch),
      onStorageFailure: (batch, failure) => lifecycle.holdForStorage(batch, failure),
      offerLater: (batch, index, delayMs) => {
        setTimeout(() => {
          batch.items.offer(index);
          lane.review();
        }, delayMs).unref();
      },
    });
    lanes.set(operation.name, lane);
  }
  return { ...core, lifecycle, timetable, storageWatch, webhooks };
}

function createApi(core: FullCore, keys: IdempotencyKeys<Started>, parts: EngineParts): BatchApi {
  const { loaded, onPhotosForgotten = async () => {} } = parts;
  const { registry, lifecycle, timetable } = core;
  const reader = new Reader(core);
  const changed = async (batchId: string, change: (batch: Batch) => Promise<void>) => {
    const batch = registry.get(batchId);
    await change(batch);
    timetable.review();
    return reader.status(batch);
  };
  return {
    start: (body, { idempotencyKey: key, sent = body }) => start(core, keys, { body, key, sent }),
    pause: (id, body) => changed(id, (batch) => lifecycle.pause(batch, body)),
    resume: (id) => changed(id, (batch) => resume(core, lifecycle, batch)),
    cancel: (id) => changed(id, (batch) => lifecycle.cancel(batch)),
    retryFailed: (id, body) => changed(id, (batch) => lifecycle.retryFailed(batch, body)),
    setPriority: (id, priority) => changed(id, (batch) => lifecycle.setPriority(batch, priority)),
    placeHold: (id, body) => changed(id, (batch) => lifecycle.hold(batch, toClientHold(body, core.clock))),
    liftHold: (id, body) => changed(id, (batch) => lifecycle.lift(batch, `client:${body.client}`)),
    async merge(ids) {
      const merged = await mergeBatches(
        core,
        lifecycle,
        [...new Set(ids)].map((id) => registry.get(id)),
      );
      timetable.review();
      return { batch_id: merged.id, photo_count: merged.items.total };
    },
    plan: (body) => planBatch(core, body),
    async recover() {
      const batches = await reportInterrupted(core, lifecycle);
      const quarantined = [...loaded.quarantined];
      return {
        recovered_count: batches.length,
        failed_count: quarantined.length,
        timestamp: core.clock.iso(),
        batches,
        quarantined,
      };
    },
    async cleanup({ days_old, dry_run }) {
      const old = oldBatches(core, days_old);
      const cleaned: string[] = [];
      for (const batch of old) {
        if (!dry_run && !(await removeBatch(core, batch))) continue;
        cleaned.push(batch.id);
        if (!dry_run && takesPhotos(core, batch)) await onPhotosForgotten(new Set(batch.items.ids));
      }
      return { cleaned_count: cleaned.length, batch_ids: cleaned };
    },
    detail: (id) => reader.detail(registry.get(id)),
    ofOperation: (operation) => reader.ofOperation(operation),
    keyOf: (id) => registry.get(id).idempotency?.key,
    status: (id) => reader.status(registry.get(id)),
    waitForChange: async (id, since, waitMs, signal) =>
      reader.waitForChange(registry.get(id), since, waitMs, signal),
    list: (query) => reader.list(query),
    photos: async (id, query) => reader.photos(registry.get(id), query),
    detailKeys: (id) => core.lanes.get(registry.get(id).operation)?.operation.detailKeys ?? [],
    results: (id) => reader.results(registry.get(id)),
    log: (id, since) => core.batchLog.since(registry.get(id).id, since),
  };
}

async function start(
  core: FullCore,
  keys: IdempotencyKeys<Started>,
  { body, key, sent }: { body: StartBody; key: string | undefined; sent: unknown },
): Promise<Started> {
  const zoneProblem = timeZoneProblem('run_window.time_zone', body.run_window?.time_zone);
  if (zoneProblem !== null) throw new BridgeError('bad_request', zoneProblem);
  const hash = key === undefined ? '' : hashOf(sent);
  const run = async (): Promise<Started> => {
    const draft = await draftBatch(core, body);
    const { batch } = draft;
    if (key !== undefined) batch.idempotency = { key, hash, at: core.clock.iso() };
    await launch(core, core.lifecycle, draft);
    core.timetable.review();
    return startedAnswer(batch);
  };
  return key === undefined ? run() : keys.once(key, hash, run);
}

function startedAnswer(batch: Batch): Started {
  return { batch_id: batch.id, photo_count: batch.items.total, warnings: batch.warnings };
}

function daemonRecord(clock: Clock, what: 'start' | 'stop'): JournalPayload {
  return { k: 'daemon', what, at: clock.iso() };
}
