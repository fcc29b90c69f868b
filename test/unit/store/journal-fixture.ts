/** A data folder of its own for each test, and the journal's words its tests are written in. */
import { readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { LoadedState } from '../../../bridge/batch/ports.ts';
import type { JournalPayload } from '../../../bridge/contract/index.ts';
import { createLog } from '../../../bridge/log.ts';
import { type BatchStoreOptions, createBatchStore } from '../../../bridge/store/batch-store.ts';

const log = createLog('silent');
/** Of the test that runs now. */
export let dataDir = '';

/** To be called once at the top of a test file. */
export function useDataFolder(): void {
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'journal-'));
  });
}

export const journalFile = (name: string) => join(dataDir, 'journal', name);
export const segments = () => readdirSync(join(dataDir, 'journal')).sort();
export const claim = (i: number): JournalPayload => ({
  k: 'claim',
  b: 'batch_0123456789ab',
  i,
  a: 1,
  n: `p${i}.jpg`,
});
export const itemsOf = (state: LoadedState) =>
  state.records.flatMap(({ payload }) => (payload.k === 'claim' ? [payload.i] : []));

export async function opened(options: Partial<BatchStoreOptions> = {}) {
  const parts = createBatchStore({ dataDir, log, reserveBytes: 0, ...options });
  const state = await parts.load();
  // The list of what was set aside is complete once the snapshots have been walked.
  const snapshots = [...state.snapshots];
  return { ...parts, state, snapshots };
}

export async function loadedOnce(options: Partial<BatchStoreOptions> = {}): Promise<LoadedState> {
  const { state, close } = await opened(options);
  await close();
  return state;
}
