/** A small in-memory stand-in for the engine and its neighbours, so the front can be tested on its own. Holds no files. */

import type { BatchApi } from '../../../bridge/batch/api.ts';
import {
  type BatchStatusObject,
  type ItemResult,
  type Settings,
  settingsSchema,
} from '../../../bridge/contract/index.ts';
import { BridgeError, type ErrorCode } from '../../../bridge/errors.ts';
import { createEventLog } from '../../../bridge/events/event-log.ts';
import type { AppServices, Health } from '../../../bridge/http/services.ts';
import { createLog } from '../../../bridge/log.ts';

export const silent = createLog('silent');
export const clock = { iso: () => new Date().toISOString() };

export function createStandIn(options: { settings?: unknown; maxEvents?: number } = {}) {
  let settings: Settings = settingsSchema.parse(options.settings ?? { server: { port: 0 } });
  const health: Health = { live: true, ready: true, state: 'ready', reason: null };
  const maxEvents = options.maxEvents === undefined ? {} : { maxEvents: options.maxEvents };
  const events = createEventLog({ epoch: 1, clock, log: silent, ...maxEvents });
  const calls: unknown[][] = [];
  const batches = createBatches(events, calls);
  const services: AppServices = {
    batches: batches.api,
    photos: createPhotos(calls),
    presets: {
      list: () => [],
      get(name) {
        throw new BridgeError('preset_not_found', `Preset not found: ${name}`);
      },
    },
    templates: {
      list: () => [],
      get: (name) => refuse('template_not_found', name),
      resolve: (name) => refuse('unknown_template', name),
      save: async ({ name }) => refuse('read_only', name),
      remove: async (name) => refuse('template_not_found', name),
    },
    content: {
      updatePrice: async () => refuse('unavailable', 'content'),
      remove: async () => refuse('unavailable', 'content'),
      updateMetadata: async () => refuse('unavailable', 'content'),
      operation: async (id) => refuse('batch_not_found', id),
      ofCreator: async (creator) => ({ creator, total: 0, operations: [], limit: 50, skip: 0 }),
      load: async () => ({ loaded: 0, replaced: 0, total: 0 }),
      record: async (id) => refuse('not_found', String(id)),
      retryMirror: async () => ({ tried: 0, mirrored: 0, left: 0, errors: [] }),
      waiting: 0,
    },
    resources: {
      readings: () => Promise.reject('a thrown text'),
    },
    events,
    health: () => health,
    version: () => ({ version: '0.1.0', api: '1', node: process.version, sharp: null, libvips: null }),
    settings: () => settings,
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', read: async () => '# none\n' },
    configuration: {
      view: () => ({
        file: null,
        settings: {},
        entries: [],
        pending_restart: [],
        problems: [],
        warnings: [],
      }),
      async change(patch, caller) {
        calls.push(['settings', patch, caller]);
        return { message: 'Settings changed', file: '/bridge.config.json', changed: [], needs_restart: [] };
      },
    },
    log: silent,
  };
  return {
    services,
    events,
    batches,
    calls,
    health,
    settings: () => settings,
    setSettings(value: unknown) {
      settings = settingsSchema.parse(value);
    },
  };
}

function refuse(code: ErrorCode, name: string): never {
  throw new BridgeError(code, `no template here: ${name}`);
}

function createPhotos(calls: unknown[][]): AppServices['photos'] {
  return {
    async add(body) {
      calls.push(['add', body]);
      return { photos: [{ photo_id: 1, path: '/a.jpg' }], added_count: 1 };
    },
    async list(query) {
      calls.push(['list', query]);
      return { photos: [], count: 0, next_cursor: null };
    },
    async get(photoId) {
      throw new BridgeError('photo_not_found', `Photo not found: ${photoId}`);
    },
    thumbnail: async () => new Uint8Array([0xff, 0xd8]),
    preview: async () => new Uint8Array([0xff, 0xd8]),
  };
}

type Events = ReturnType<typeof createEventLog>;

function createBatches(events: Events, calls: unknown[][]) {
  const kept = new Map<string, BatchStatusObject>();
  const items: ItemResult[] = [];

  function find(batchId: string): BatchStatusObject {
    const status = kept.get(batchId);
    if (status === undefined) throw new BridgeError('batch_not_found', 'Batch not found');
    return status;
  }

  /** Changes the status, publishes the event that says so, as the engine does. */
  function publish(
    batchId: string,
    type:
      | 'batch_started'
      | 'batch_progress'
      | 'batch_completed'
      | 'batch_paused'
      | 'batch_resumed'
      | 'batch_cancelled',
    change: Partial<BatchStatusObject> = {},
  ): number {
    const status = { ...find(batchId), ...change, seq: events.seq + 1 };
    kept.set(batchId, status);
    const { seq: _seq, ...rest } = status;
    return events.publish({ type, ...rest });
  }

  function addBatch(batchId: string, total: number): void {
    kept.set(batchId, toStatus(batchId, total));
    publish(batchId, 'batch_started', { status: 'running' });
  }

  function change(
    batchId: string,
    from: BatchStatusObject['status'],
    [to, type, verb]: [
      BatchStatusObject['status'],
      'batch_paused' | 'batch_resumed' | 'batch_cancelled',
      string,
    ],
  ): BatchStatusObject {
    const { status } = find(batchId);
    if (status !== from) {
      throw new BridgeError('illegal_transition', `a ${status} batch cannot be ${verb}`, {
        batch_status: status,
        allowed_actions: ['cancel'],
      });
    }
    publish(batchId, type, { status: to });
    return find(batchId);
  }

  const api: BatchApi = {
    async start(body, options) {
      calls.push(['start', body, options]);
      const batchId = `batch_${String(kept.size).padStart(12, '0')}`;
      addBatch(batchId, body.photo_ids?.length ?? 1);
      return { batch_id: batchId, photo_count: body.photo_ids?.length ?? 1, warnings: [] };
    },
    pause: async (batchId, body) => {
      calls.push(['pause', batchId, body]);
      return change(batchId, 'running', ['paused', 'batch_paused', 'paused']);
    },
    resume: async (batchId) => change(batchId, 'paused', ['running', 'batch_resumed', 'resumed']),
    cancel: async (batchId) => change(batchId, 'running', ['cancelled', 'batch_cancelled', 'cancelled']),
    retryFailed: async (batchId) => find(batchId),
    setPriority: async (batchId, priority) => ({ ...find(batchId), priority }),
    placeHold: async (batchId) => find(batchId),
    liftHold: async (batchId) => find(batchId),
    merge: async () => ({ batch_id: 'batch_0123456789ab', photo_count: 2 }),
    plan: async () => ({
      items: [],
      counts: { write: 0, overwrite: 0, skip: 0, fail: 0, compare: 0 },
      warnings: [],
    }),
    recover: async () => ({
      recovered_count: 0,
      failed_count: 0,
      timestamp: clock.iso(),
      batches: [],
      quarantined: [],
    }),
    cleanup: async (body) => {
      calls.push(['cleanup', body]);
      return { cleaned_count: 0, batch_ids: [] };
    },
    detail: (id) => ({ ...find(id), config: null }),
    ofOperation: () => [],
    keyOf: () => undefined,
    detailKeys: () => [],
    status: find,
    async waitForChange(batchId, since, waitMs, signal) {
      calls.push(['wait', batchId, since, waitMs, signal]);
      if (find(batchId).seq > since) return find(batchId);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        const stop = events.subscribe(() => resolve());
        signal?.addEventListener('abort', () => resolve(), { once: true });
        stops.push(() => {
          clearTimeout(timer);
          stop();
        });
      });
      for (const stop of stops.splice(0)) stop();
      return find(batchId);
    },
    list: ({ status }) => {
      const all = [...kept.values()].filter((batch) => status === undefined || batch.status === status);
      return { batches: all, count: all.length };
    },
    photos: async () => ({ photos: items, next_cursor: null }),
    async *results() {
      yield* items;
    },
    log: () => [],
  };
  const stops: (() => void)[] = [];
  return { api, addBatch, publish, items, kept };
}

function toStatus(batchId: string, total: number): BatchStatusObject {
  return {
    batch_id: batchId,
    session_id: null,
    status: 'pending',
    total_photos: total,
    processed_count: 0,
    failed_count: 0,
    progress_percent: 0,
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    paused_at: null,
    completed_at: null,
    operation: 'develop',
    priority: 5,
    pending_count: total,
    in_flight_count: 0,
    skipped_count: 0,
    holds: [],
    backoff: null,
    eta_seconds: null,
    photos_per_minute: null,
    failure_codes: {},
    warnings_count: 0,
    seq: 0,
  };
}
