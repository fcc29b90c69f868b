/** The store of batches: puts journal, snapshots and item logs together behind the engine's port. Knows no batch rules. */
import { basename, join } from 'node:path';
import type {
  AllInputs,
  BatchStore,
  LoadedSnapshot,
  LoadedState,
  QuarantinedFile,
  ReadOnly,
} from '../batch/ports.ts';
import type { StoredResult } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AppendLogOptions } from './append-log.ts';
import { createPrivateFolder, type OpenFile } from './disk.ts';
import { createItemInputs } from './item-inputs.ts';
import { createItemLogs, type ItemLogs } from './item-logs.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { loadJournal } from './journal-load.ts';
import { createQuarantine, type Quarantine } from './quarantine.ts';
import { createReserve } from './reserve.ts';
import { createSnapshotFiles, type SnapshotFiles } from './snapshot.ts';
import { loadSnapshots } from './snapshot-load.ts';

export type BatchStoreOptions = {
  dataDir: string;
  log: Log;
  /** Seams for tests. */
  open?: OpenFile;
  segmentBytes?: number;
  probeMs?: number;
  reserveBytes?: number;
  /** Told of what was written, when it is on disk. */
  onJournalWrite?: JournalOptions['onWrite'];
  onSnapshotSaved?: (milliseconds: number) => void;
};

export type BatchStoreParts = {
  store: BatchStore;
  inputs: AllInputs;
  /**
   * Once, before anything is appended. Reads the journal and begins a new segment; the state files are read while
   * `snapshots` is walked (once), and `quarantined` is complete when that is done. Rejects only when the data folder
   * cannot be read at all.
   */
  load(): Promise<LoadedState>;
  /** Finishes what was asked for; later calls are refused with `unavailable`. */
  close(): Promise<void>;
};

type Folders = { states: string; items: string; journal: string; quarantine: string };

export function createBatchStore(options: BatchStoreOptions): BatchStoreParts {
  const { dataDir, log } = options;
  const folders: Folders = {
    states: join(dataDir, 'batch_states'),
    items: join(dataDir, 'batch_items'),
    journal: join(dataDir, 'journal'),
    quarantine: join(dataDir, 'quarantine'),
  };
  const quarantine = createQuarantine(folders.quarantine);
  const snapshots = createSnapshotFiles(folders.states, options.open);
  const onDamage = keepDamage(quarantine, log);
  const itemLogs = createItemLogs<StoredResult>(folders.items, { kind: '', onDamage });
  const besides = [folders.states, folders.quarantine];
  const inputs = createItemInputs({ folder: folders.items, besides, onDamage });
  const readOnly = new ReadOnlyMode(() => journal);
  let journal: Journal | null = null;
  return {
    store: toStore({
      journal: () => journal,
      snapshots: metered(snapshots, options.onSnapshotSaved),
      itemLogs,
      inputs,
      readOnly,
    }),
    inputs,
    load: async () => {
      if (journal !== null) throw new BridgeError('internal', 'The store was loaded before');
      for (const folder of Object.values(folders)) await createPrivateFolder(folder);
      const quarantined: QuarantinedFile[] = [];
      const report = createReport(quarantined, quarantine, log);
      const setAside = (path: string, reason: string) => report(path, reason, { move: false });
      const loaded = loadJournal({ folder: folders.journal, log, quarantine, report: setAside });
      const journalDamaged = quarantined.length > 0;
      const reserve = createReserve(join(folders.journal, 'reserve.bin'), {
        bytes: options.reserveBytes,
        open: options.open,
      });
      const onRefusalChange = () => readOnly.changed();
      journal = await Journal.start({
        ...options,
        ...loaded,
        folder: folders.journal,
        reserve,
        onRefusalChange,
        onWrite: options.onJournalWrite,
      });
      const { records } = loaded;
      const walk = loadSnapshots({ folder: folders.states, records, report });
      const epoch = loaded.nextId;
      return { snapshots: followSeq(walk, journal), records, quarantined, journalDamaged, epoch };
    },
    close: async () => {
      await itemLogs.close();
      await inputs.close();
      await journal?.close();
    },
  };
}

function toStore(parts: {
  journal: () => Journal | null;
  snapshots: SnapshotFiles;
  itemLogs: ItemLogs<StoredResult>;
  inputs: AllInputs;
  readOnly: ReadOnlyMode;
}): BatchStore {
  const { snapshots, itemLogs, inputs, readOnly } = parts;
  const journal = () => {
    const loaded = parts.journal();
    if (loaded === null) throw new BridgeError('unavailable', 'The store is not loaded yet');
    return loaded;
  };
  return {
    append: async (payloads, appendOptions) => journal().append(payloads, appendOptions),
    saveSnapshot: (batchId, chunks, options) => snapshots.save(batchId, chunks, options),
    appendResults: (batchId, results) => itemLogs.append(batchId, results),
    readResults: (batchId, indices) => itemLogs.read(batchId, indices),
    checkpoint: async (coveredSeq) => journal().checkpoint(coveredSeq),
    removeBatch: async (batchId) => {
      await inputs.remove(batchId);
      await itemLogs.remove(batchId);
      await snapshots.remove(batchId);
    },
    readOnly: () => readOnly.state(),
    onReadOnlyChange: (listener) => readOnly.onChange(listener),
  };
}

function metered(files: SnapshotFiles, onSaved: ((milliseconds: number) => void) | undefined): SnapshotFiles {
  if (onSaved === undefined) return files;
  return {
    ...files,
    async save(batchId, chunks, options) {
      const beganAt = performance.now();
      await files.save(batchId, chunks, options);
      onSaved(performance.now() - beganAt);
    },
  };
}

/** When the journal began to refuse, and who wants to know. */
class ReadOnlyMode {
  readonly #journal: () => Journal | null;
  readonly #listeners = new Set<() => void>();
  #since = '';

  constructor(journal: () => Journal | null) {
    this.#journal = journal;
  }

  state(): ReadOnly | null {
    const refusal = this.#journal()?.refusal ?? null;
    if (refusal === null) return null;
    this.#since ||= new Date().toISOString();
    const code = refusal.code === 'disk_full' ? 'disk_full' : 'read_only';
    return { code, reason: refusal.message, since: this.#since };
  }

  changed(): void {
    this.#since = '';
    this.state();
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A journal that was lost or cut must not give out numbers that a state file believes to contain already. */
function* followSeq(snapshots: Iterable<LoadedSnapshot>, journal: Journal): Generator<LoadedSnapshot> {
  for (const snapshot of snapshots) {
    journal.raiseSeq(snapshot.file._seq ?? 0);
    yield snapshot;
  }
}

function createReport(quarantined: QuarantinedFile[], quarantine: Quarantine, log: Log) {
  return (path: string, reason: string, { move }: { move: boolean }) => {
    const kept = move ? quarantine.move(path, reason) : null;
    log.warn({ path, reason, kept }, 'A damaged file of the data folder was set aside');
    quarantined.push({ file: basename(path), reason });
  };
}

/** For logs that are opened elsewhere: damaged bytes are kept in quarantine before they are cut or skipped. */
export function keepDamage(quarantine: Quarantine, log: Log): NonNullable<AppendLogOptions['onDamage']> {
  return async (path, range, reason) => {
    const name = `${basename(path)}.${range.start}-${range.end}`;
    const kept = range.end > range.start ? quarantine.copy(path, { name, reason, range, once: true }) : name;
    log.warn({ path, ...range, reason, kept }, 'A log of the data folder is damaged');
    if (kept === null) throw new BridgeError('read_only', 'The damaged part could not be kept');
  };
}
