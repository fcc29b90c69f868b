/** Watches the library folders for as long as the daemon runs. Starts in the background: nobody waits for a first scan. */
import type { EventSink } from '../batch/ports.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Catalog } from './catalog.ts';
import { type LibraryFolder, openLibraryFolder } from './library-folder.ts';
import { applyScan, type MissingPhotos } from './library-scan.ts';
import type { Registration } from './registration.ts';
import { createScanGatherer, type Scan } from './scan-gatherer.ts';

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
  /** Resolves when each folder had its first scan or failed once. Nothing need wait for it. */
  scanned: Promise<void>;
  close(): Promise<void>;
};

const SETTLE_MS = 500;
const RETRY_MS = 15_000;

export function openLibrary(parts: LibraryParts): Library {
  const { log, settleMs = SETTLE_MS, retryMs = RETRY_MS } = parts;
  const missing: MissingPhotos = new Map();
  const watched = new Map<string, LibraryFolder>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  async function onScan(scan: Scan): Promise<void> {
    try {
      const result = await applyScan(scan, { ...parts, missing });
      if (result.added + result.moved + result.missing === 0) return;
      log.info(result, 'library changed');
      parts.events.publish({ type: 'photos_changed', added: result.added, missing: result.missing });
    } catch (thrown) {
      log.error({ error: toError(thrown) }, 'library scan failed');
    }
  }
  // A moved file's old name may be reported after its new one: both belong into one scan, of all folders.
  const gatherer = createScanGatherer(settleMs * 2 + 100, onScan);

  async function watch(path: string, own: boolean, isFirst: boolean): Promise<void> {
    const folder = openLibraryFolder({
      folder: path,
      create: own,
      settleMs,
      onFirst: gatherer.first,
      onChange: gatherer.change,
      onError: (error) => log.warn({ folder: path, error: error.message }, 'library folder has trouble'),
    });
    watched.set(path, folder);
    try {
      await folder.ready;
    } catch (thrown) {
      const error = toError(thrown).message;
      if (isFirst) log.warn({ folder: path, error }, 'library folder cannot be watched yet');
      retryLater(path, own);
    }
  }
  function retryLater(path: string, own: boolean): void {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void watch(path, own, false);
    }, retryMs);
    timer.unref();
    timers.add(timer);
  }
  const first = Promise.all(parts.folders.map(({ path, own }) => watch(path, own, true)));

  return {
    scanned: first.then(() => gatherer.flush()),
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...watched.values()].map((folder) => folder.close()));
      await gatherer.close();
    },
  };
}
