/**
 * Finds the kept batches at start, one at a time: state file, then its backup, then the journal alone. Moves what it
 * cannot use to the quarantine; never deletes a state file, never follows a link, never throws because of a file.
 */
import { type Dirent, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedSnapshot } from '../batch/ports.ts';
import type { JournalRecord } from '../contract/index.ts';
import { TEMP_SUFFIX } from './atomic-write.ts';
import { errorCode } from './disk.ts';
import { readRegularFile } from './read-regular-file.ts';
import { isBatchFileId } from './snapshot.ts';
import { checkState, parseSnapshot } from './snapshot-parse.ts';

const MAIN = '.json';
const BACKUP = '.json.bak';

export type SnapshotLoad = {
  folder: string;
  records: readonly JournalRecord[];
  /** Called for each file that is set aside. Moves it when `move` says so. */
  report(path: string, reason: string, options: { move: boolean }): void;
};

export function* loadSnapshots(load: SnapshotLoad): Generator<LoadedSnapshot> {
  const created = createdInJournal(load.records);
  for (const batchId of listBatches(load)) {
    const loaded = loadOne(load, batchId, created.has(batchId));
    const record = created.get(batchId);
    created.delete(batchId);
    if (loaded === 'newer') continue;
    const snapshot = loaded ?? fromRecord(record);
    if (snapshot !== null) yield snapshot;
  }
  for (const record of created.values()) {
    const snapshot = fromRecord(record);
    if (snapshot !== null) yield snapshot;
  }
}

/** Ids by name of their files, sorted. Sweeps temp files and sets strangers with our ending aside. */
function listBatches(load: SnapshotLoad): string[] {
  const ids = new Set<string>();
  for (const entry of entriesOf(load.folder)) {
    const { name } = entry;
    if (name.endsWith(TEMP_SUFFIX)) sweep(join(load.folder, name));
    const suffix = [BACKUP, MAIN].find((ending) => name.endsWith(ending));
    if (suffix === undefined) continue;
    const id = name.slice(0, -suffix.length);
    if (isBatchFileId(id)) ids.add(id);
    else load.report(join(load.folder, name), 'the file name is not a batch id', { move: true });
  }
  return [...ids].sort();
}

function sweep(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not ours to insist: a folder with that name, or a read-only disk.
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** `inJournal`: the journal has all of the batch, from its creation on. */
function loadOne(load: SnapshotLoad, batchId: string, inJournal: boolean): LoadedSnapshot | 'newer' | null {
  for (const [suffix, source] of [
    [MAIN, 'main'],
    [BACKUP, 'bak'],
  ] as const) {
    const path = join(load.folder, `${batchId}${suffix}`);
    const bytes = readRegularFile(path);
    if (bytes === null) continue;
    // Not damage: what a power cut leaves of a file that was not synced yet, because the journal has it.
    if (inJournal && source === 'main' && typeof bytes !== 'string' && isBlank(bytes)) continue;
    const parsed =
      typeof bytes === 'string' ? { kind: 'bad' as const, reason: bytes } : parseSnapshot(bytes, batchId);
    if (parsed.kind === 'ok') return { file: parsed.file, source, bytes: bytes.length };
    const reason = parsed.kind === 'newer' ? 'newer schema' : parsed.reason;
    load.report(path, reason, { move: parsed.kind === 'bad' });
    if (parsed.kind === 'newer') return 'newer';
  }
  return null;
}

/** Nothing, or nothing but NULs. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** First record of each batch created, and not removed, in the kept part of the journal. */
function createdInJournal(records: readonly JournalRecord[]): Map<string, JournalRecord> {
  const created = new Map<string, JournalRecord>();
  for (const record of records) {
    if (record.payload.k === 'created') created.set(record.payload.b, record);
    else if (record.payload.k === 'removed' || record.payload.k === 'cleaned')
      created.delete(record.payload.b);
  }
  return created;
}

function fromRecord(record: JournalRecord | undefined): LoadedSnapshot | null {
  if (record?.payload.k !== 'created') return null;
  const checked = checkState({ ...record.payload.file });
  if (checked.kind !== 'ok' || checked.file.batch_id !== record.payload.b) return null;
  // Whatever stands in the payload: this state holds its own record and nothing after it.
  return { file: { ...checked.file, _seq: record.seq }, source: 'journal', bytes: 0 };
}
