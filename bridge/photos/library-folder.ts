/** Watches one library folder for files that may be photos. Gives no ids and waits for nothing to settle but a file's size. */
import { mkdir, realpath } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { watchFolder } from '../watch/watch-folder.ts';
import { hasImageExtension } from './signature.ts';
import { isHidden } from './walk-folder.ts';

export type LibraryFolderParts = {
  folder: string;
  /** Make it when it is not there: for our own default folder only. */
  create: boolean;
  /** How long a file's size must be still, in milliseconds. */
  settleMs: number;
  /** All that is there at the begin; `root` is the folder's real path, with which all paths begin. */
  onFirst: (root: string, paths: string[]) => void;
  /** One file, later. */
  onChange: (path: string, now: 'added' | 'removed') => void;
  onError: (error: Error) => void;
};
export type LibraryFolder = {
  /** After `onFirst`. Rejects when the folder cannot be watched. */
  ready: Promise<void>;
  close(): Promise<void>;
};

export function openLibraryFolder(parts: LibraryFolderParts): LibraryFolder {
  const opened = open(parts);
  let closed = false;
  async function open({ folder, create, settleMs }: LibraryFolderParts): Promise<() => Promise<void>> {
    if (create) await mkdir(folder, { recursive: true, mode: 0o700 });
    const root = await realpath(folder);
    const first = new Set<string>();
    let live = false;
    const watch = await watchFolder({
      folder: root,
      recursive: true,
      settleMs,
      ignore: (path) => relative(root, path).split(sep).some(isHidden),
      onEvent({ kind, path }) {
        if (closed || !hasImageExtension(basename(path))) return;
        const now = kind === 'removed' ? 'removed' : 'added';
        if (live) parts.onChange(path, now);
        else if (now === 'added') first.add(path);
        else first.delete(path);
      },
      onError: parts.onError,
    });
    await watch.ready;
    live = true;
    if (!closed) parts.onFirst(root, [...first]);
    return () => watch.close();
  }
  // Whoever waits for `ready` hears of it; nobody has to.
  opened.catch(() => {});
  return {
    ready: opened.then(() => {}),
    async close() {
      closed = true;
      const stop = await opened.catch(() => null);
      await stop?.();
    },
  };
}
