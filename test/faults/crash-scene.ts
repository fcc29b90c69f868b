/**
 * A data folder as a crash leaves it, with every kind of record in its journal and state files older than that: made by
 * the real engine on the real store, held in memory so that many cases can each begin from it.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { BatchStore, UnitEnd } from '../../bridge/batch/ports.ts';
import { openTestEngine, startBody, type TestEngine } from '../helpers/engine.ts';
import { createUnitOperation, failed, processed } from '../helpers/unit-operation.ts';

/** Content by path relative to the data folder. */
export type Files = ReadonlyMap<string, Buffer>;
export type CrashScene = {
  /** State files and item logs as they were before `journal` went on. */
  files: Files;
  /** The last segment: its path and name's number. */
  last: { path: string; id: number };
};

/** Photos end as their place in the batch says, so that a second run of one would show. */
const ends: Record<number, () => UnitEnd> = {
  2: () => failed('damaged_image'),
  3: () => ({ kind: 'settled', result: { s: 'skipped', t: new Date(0).toISOString(), ms: 0 } }),
};

export function readFiles(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path)]));
}

let root: string | null = null;

/** In memory where there is such a disk: hundreds of cases test bytes, not syncs. */
function caseRoot(): string {
  if (root !== null) return root;
  const made = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'photo-bridge-cases-'));
  root = made;
  return made;
}

/** To be called when all cases of a run are through. (A test's process may be ended without its last event.) */
export function removeCases(): void {
  if (root !== null) rmSync(root, { recursive: true, force: true });
  root = null;
}

/** A fresh folder with these files. The caller removes it. */
export function writeFiles(files: Files): string {
  const folder = mkdtempSync(join(caseRoot(), 'case-'));
  for (const [path, bytes] of files) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

const idOf = async (engine: TestEngine, count: number) =>
  (await engine.api.start(startBody(count), {})).batch_id;

const endOf = (engine: TestEngine, id: string) =>
  engine.event((event) => event.type === 'batch_completed' && 'batch_id' in event && event.batch_id === id);

/** Two batches that have ended, in synced state files: one with a failed photo, one to be cleaned up. */
async function makeOldBatches(): Promise<{ dataDir: string; retried: string }> {
  const operation = createUnitOperation({ run: (item) => ends[item.index]?.() ?? processed() });
  const engine = await openTestEngine(operation);
  const retried = await idOf(engine, 6);
  await endOf(engine, retried);
  await endOf(engine, await idOf(engine, 2));
  await engine.end();
  return { dataDir: engine.dataDir, retried };
}

/** From now on only the journal is written. */
function onlyJournal(store: BatchStore): BatchStore {
  const nothing = async (): Promise<void> => {};
  return {
    ...store,
    saveSnapshot: nothing,
    appendResults: nothing,
    checkpoint: nothing,
    removeBatch: nothing,
  };
}

/** A crash in the middle of everything: the journal has it, the state files do not. */
export async function createCrashScene(): Promise<CrashScene> {
  const { dataDir, retried } = await makeOldBatches();
  const gate = Promise.withResolvers<void>();
  const operation = createUnitOperation({
    slots: 2,
    run: async (item, signal, batch) => {
      if (batch.id === retried) return processed();
      if (item.index === 1) await gate.promise;
      if (item.index === 4) return untilAborted(signal);
      return ends[item.index]?.() ?? processed();
    },
  });
  const engine = await openTestEngine(operation, { dataDir, wrapStore: onlyJournal });
  await actOn(engine, { retried, go: gate.resolve });
  const copy = await engine.crashCopy();
  await engine.end();
  const files = readFiles(copy);
  for (const folder of [dataDir, copy]) await rm(folder, { recursive: true });
  const path =
    [...files.keys()]
      .filter((name) => name.startsWith('journal/0'))
      .sort()
      .at(-1) ?? '';
  return { files, last: { path, id: Number(path.slice('journal/'.length, -'.log'.length)) } };
}

async function actOn(
  engine: TestEngine,
  { retried, go }: { retried: string; go: () => void },
): Promise<void> {
  const { api } = engine;
  const id = await idOf(engine, 5);
  await api.retryFailed(retried, {});
  await api.cleanup({ days_old: 0, dry_run: false });
  await api.placeHold(id, { client: 'editor', reason: 'exports', lease_s: 600 });
  await api.setPriority(id, 8);
  await api.liftHold(id, { client: 'editor' });
  go();
  await endOf(engine, retried);
  const waiting = await idOf(engine, 3);
  await api.cancel(waiting);
  await api.pause(id, { mode: 'soft', reason: 'lunch' });
  await api.setPriority(id, 3);
  await api.resume(id);
  await engine.event(({ type }) => type === 'batch_resumed');
}

function untilAborted(signal: AbortSignal): Promise<UnitEnd> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'stopped' }));
  });
}

/** The same after all of it came to its end: little journal, synced state files with backups, item logs. */
export async function createCalmScene(): Promise<CrashScene> {
  const scene = await createCrashScene();
  const dataDir = writeFiles(scene.files);
  for (const _life of [1, 2]) {
    const engine = await openTestEngine(createUnitOperation(), { dataDir });
    for (const { batch_id, status } of engine.api.list({ limit: 100 }).batches) {
      if (status !== 'paused') continue;
      await engine.api.resume(batch_id);
      await endOf(engine, batch_id);
    }
    await engine.end();
  }
  const files = readFiles(dataDir);
  await rm(dataDir, { recursive: true });
  const path =
    [...files.keys()]
      .filter((name) => name.startsWith('journal/0'))
      .sort()
      .at(-1) ?? '';
  return { files, last: { path, id: Number(path.slice('journal/'.length, -'.log'.length)) } };
}
