/** A data folder of its own for each test, and the words the tests of state files are written in. */
import { readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { JournalPayload } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { type BatchStoreOptions, createBatchStore } from '../../../bridge/store/batch-store.ts';

export const log = createLog('silent');
export const id = 'batch_0123456789ab';
/** Of the test that runs now. */
export let dataDir = '';

/** To be called once at the top of a test file. */
export function useDataFolder(): void {
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'snapshot-'));
  });
}

export const statePath = (suffix = '') => join(dataDir, 'batch_states', `${id}.json${suffix}`);
export const quarantined = () =>
  readdirSync(join(dataDir, 'quarantine')).filter((name) => !name.endsWith('.reason.txt'));

export function seedState(extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    batch_id: id,
    session_id: 7,
    photo_ids: [3, 1, 2],
    processed_photo_ids: [3],
    failed_photo_ids: [],
    status: 'running',
    created_at: '2025-01-01T00:00:00Z',
    started_at: null,
    paused_at: null,
    completed_at: null,
    total_photos: 3,
    processed_count: 1,
    failed_count: 0,
    config: null,
    task_ids: [],
    ...extra,
  };
}

/** As the engine gives it: JSON text without the closing brace, in pieces. */
export function chunksOf(file: Record<string, unknown>, length = 20): string[] {
  const text = JSON.stringify(file, null, 2).slice(0, -2);
  return text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];
}

export function created(file: Record<string, unknown>): JournalPayload {
  return { k: 'created', b: id, file: file as never };
}

export async function opened(options: Partial<BatchStoreOptions> = {}) {
  const parts = createBatchStore({ dataDir, log, reserveBytes: 0, ...options });
  const state = await parts.load();
  const snapshots = [...state.snapshots];
  return { ...parts, state, snapshots };
}

export async function loadedOnce() {
  const { state, snapshots, close } = await opened();
  await close();
  return { quarantined: state.quarantined, snapshots };
}

export async function save(file: Record<string, unknown>, options = { sync: true }) {
  const { store, close } = await opened();
  await store.saveSnapshot(id, chunksOf(file), options);
  await close();
}
