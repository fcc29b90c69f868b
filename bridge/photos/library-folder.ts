/** One watched library folder: gathers what the watcher tells into scans. Gives no ids itself. */
import { mkdir, realpath } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { toError } from '../errors.ts';
import { watchFolder } from '../watch/watch-folder.ts';
import { hasImageExtension } from './signature.ts';
import { isHidden } from './walk-folder.ts';

/** All that changed in one go. Paths begin with `root`, the folder's real path. `whole`: all that is there now. */
export type Scan = { root: string; added: string[]; removed: string[]; whole: boolean };
export type LibraryFolderParts = {
  folder: string;
  /** Make it when it is not there: for our own default folder only. */
  create: boolean;
  /** How long a file's size must be still, in milliseconds. */
  settleMs: number;
  /** Called one at a time, in order. */
  onScan: (scan: Scan) => Promise<void>;
  onError: (error: Error) => void;
};
export type LibraryFolder = {
  /** The first scan is through `onScan`. Rejects when the folder cannot be watched. */
  ready: Promise<void>;
  close(): Promise<void>;
};

export function openLibraryFolder(parts: LibraryFolderParts): LibraryFolder {
  const { folder, settleMs, onScan, onError } = parts;
  // A file is told of only after it has settled, its old name's end at once: wait for both before a scan ends.
  const quietMs = settleMs * 2 + 100;
  let root = folder;
  let pending = new Map<string, 'added' | 'removed'>();
  let whole = true;
  let timer: NodeJS.Timeout | undefined;
  let scans: Promise<void> = Promise.resolve();
  let closed = false;

  function flush(): Promise<void> {
    clearTimeout(timer);
    const of = (kind: string) => [...pending].flatMap(([path, now]) => (now === kind ? [path] : []));
    const scan: Scan = { root, added: of('added'), removed: of('removed'), whole };
    pending = new Map();
    whole = false;
    scans = scans.then(() => (closed ? undefined : onScan(scan))).catch((error) => onError(toError(error)));
    return scans;
  }
  async function open(): Promise<() => Promise<void>> {
    if (parts.create) await mkdir(folder, { recursive: true, mode: 0o700 });
    root = await realpath(folder);
    let live = false;
    const watch = await watchFolder({
      folder: root,
      recursive: true,
      settleMs,
      ignore: (path) => relative(root, path).split(sep).some(isHiddenPart),
      onEvent({ kind, path }) {
        if (!hasImageExtension(basename(path))) return;
        pending.set(join(path), kind === 'removed' ? 'removed' : 'added');
        if (!live) return;
        clearTimeout(timer);
        timer = setTimeout(() => void flush(), quietMs);
        timer.unref();
      },
      onError,
    });
    await watch.ready;
    live = true;
    if (!closed) await flush();
    return () => watch.close();
  }
  const opened = open();
  opened.catch(() => {});
  return {
    ready: opened.then(() => {}),
    async close() {
      closed = true;
      clearTimeout(timer);
      const stop = await opened.catch(() => null);
      clearTimeout(timer);
      await stop?.();
      await scans;
    },
  };
}

function isHiddenPart(part: string): boolean {
  return isHidden(part) && part !== '..';
}
