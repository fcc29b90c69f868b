/** Tells what happens to the files of one folder. The only place that knows the watching library; it reads no file. */
import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { watch } from 'chokidar';
import { toError } from '../errors.ts';

/** `path` lies under the watched folder as the caller wrote it (a linked folder is not resolved in it). */
export type FolderEvent = { kind: 'added' | 'changed' | 'removed'; path: string };

export type WatchOptions = {
  /** Must exist; may be a symbolic link. */
  folder: string;
  recursive: boolean;
  /** A new or changed file is told of once its size has been still for so long, in milliseconds. */
  settleMs: number;
  /** Paths (files and folders) that are not looked at. */
  ignore?: (path: string) => boolean;
  /** Called for files only. Files found by the first scan come as `added`, before `ready`. */
  onEvent: (event: FolderEvent) => void;
  /** The system's complaint, e.g. that it has no more watches. The watcher goes on as well as it can. */
  onError: (error: Error) => void;
};

export type FolderWatch = {
  /** Resolves when the first scan is through and changes are seen from now on; also on `close`. */
  ready: Promise<void>;
  /** No event comes after this was called. */
  close(): Promise<void>;
};

/** Rejects with the system's error when the folder cannot be found. Links inside the folder are not followed. */
export async function watchFolder(options: WatchOptions): Promise<FolderWatch> {
  const real = await realpath(options.folder);
  const toCallerPath = (path: string) => join(options.folder, relative(real, path));
  const ignore = options.ignore;
  const watcher = watch(real, {
    followSymlinks: false,
    awaitWriteFinish: {
      stabilityThreshold: options.settleMs,
      pollInterval: Math.max(10, options.settleMs / 4),
    },
    ...(options.recursive ? {} : { depth: 0 }),
    ...(ignore === undefined ? {} : { ignored: (path: string) => ignore(toCallerPath(path)) }),
  });
  let open = true;
  const tell = (kind: FolderEvent['kind']) => (path: string) => {
    if (open) options.onEvent({ kind, path: toCallerPath(path) });
  };
  watcher.on('add', tell('added')).on('change', tell('changed')).on('unlink', tell('removed'));
  watcher.on('error', (error) => {
    if (open) options.onError(toError(error));
  });
  const { promise: ready, resolve: settleReady } = Promise.withResolvers<void>();
  watcher.once('ready', settleReady);
  return {
    ready,
    async close() {
      open = false;
      settleReady();
      await watcher.close();
    },
  };
}
