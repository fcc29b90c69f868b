/** Watches the library folders for as long as the daemon runs. Starts in the background: nobody waits for a first scan. */
import type { EventSink } from '../batch/ports.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Catalog } from './catalog.ts';
import { type LibraryFolder, openLibraryFolder, type Scan } from './library-folder.ts';
import { applyScan, type MissingPhotos } from './library-scan.ts';
import type { Registration } from './registration.ts';

export type LibraryParts = {
  catalog: Catalog;
  registration: Registration;
  events: Pick<EventSink, 'publish'>;
  log: Log;
  /** Absolute. `own`: the default folder, made when it is not there. */
  folders: readonly { path: string; own: boolean }[];
  settleMs?: number;
  /** Between attempts to watch a folder that is not there, e.g. on a disk not yet mounted. Milliseconds. */
  retryMs?: number;
};
export type Library = {
  /** Resolves when each folder has had its first scan or failed once. Nothing need wait for it. */
  scanned: Promise<void>;
  close(): Promise<void>;
};

const SETTLE_MS = 500;
const RETRY_MS = 15_000;

export function openLibrary(parts: LibraryParts): Library {
  const missing: MissingPhotos = new Map();
  const watched = new Map<string, LibraryFolder>();
  const timers = new Set<NodeJS.Timeout>();
  let scans: Promise<void> = Promise.resolve();
  let closed = false;

  /** Folders take turns: a photo moved from one to the other is gone in one scan and new in the next. */
  function onScan(scan: Scan): Promise<void> {
    const turn = scans.then(async () => {
      if (closed) return;
      const result = await applyScan(scan, { ...parts, missing });
      if (result.added + result.moved + result.missing === 0) return;
      parts.log.info({ folder: scan.root, ...result }, 'library changed');
      const { added, missing: gone } = result;
      parts.events.publish({ type: 'photos_changed', added, missing: gone });
    });
    scans = turn.catch(() => {});
    return turn;
  }
  async function watch(path: string, own: boolean, isFirst: boolean): Promise<void> {
    const folder = openLibraryFolder({
      folder: path,
      create: own,
      settleMs: parts.settleMs ?? SETTLE_MS,
      onScan,
      onError: (error) =>
        parts.log.warn({ folder: path, error: error.message }, 'library folder has trouble'),
    });
    watched.set(path, folder);
    try {
      await folder.ready;
    } catch (thrown) {
      const error = toError(thrown).message;
      if (isFirst) parts.log.warn({ folder: path, error }, 'library folder cannot be watched yet');
      retryLater(path, own);
    }
  }
  function retryLater(path: string, own: boolean): void {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closed) void watch(path, own, false);
    }, parts.retryMs ?? RETRY_MS);
    timer.unref();
    timers.add(timer);
  }
  const scanned = Promise.all(parts.folders.map(({ path, own }) => watch(path, own, true)));

  return {
    scanned: scanned.then(() => {}),
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...watched.values()].map((folder) => folder.close()));
      await scans;
    },
  };
}
