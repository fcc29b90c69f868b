/**
 * Remembers which output folders lie on a mounted drive, also across restarts, so that nothing is written under the
 * empty mount point when the drive is gone. Looks at devices only; never at names of drives.
 */
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AppendLog, openAppendLog } from './append-log.ts';
import { errorCode } from './disk.ts';

export type MountMemory = {
  /** False when the folder was seen on a drive whose mount point is now an ordinary folder or missing. */
  isMounted(folder: string): Promise<boolean>;
  /** `folder` must exist. Durable when resolved. */
  remember(folder: string): Promise<void>;
  close(): Promise<void>;
};

export function createMountMemory(path: string): MountMemory {
  const mounts = new Map<string, string>();
  let opened: Promise<AppendLog> | null = null;
  const open = () => {
    opened ??= openAppendLog(path, (payload) => {
      if (isEntry(payload)) mounts.set(payload.folder, payload.mount);
    });
    // A log that cannot be opened now may be later.
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  return {
    isMounted: async (folder) => {
      await open().catch(() => null);
      const mount = mounts.get(folder);
      return mount === undefined || isMountPoint(mount);
    },
    remember: async (folder) => {
      const mount = await findMount(folder);
      const isRoot = dirname(mount) === mount;
      if (mounts.get(folder) === mount || (isRoot && !mounts.has(folder))) return;
      mounts.set(folder, mount);
      await (await open()).append([{ folder, mount }]);
    },
    close: async () => {
      await (await opened?.catch(() => null))?.close();
    },
  };
}

/** A folder whose parent is on another device, or the root. */
async function isMountPoint(path: string): Promise<boolean> {
  const parent = dirname(path);
  if (parent === path) return true;
  try {
    return (await stat(path)).dev !== (await stat(parent)).dev;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return false;
    throw thrown;
  }
}

async function findMount(folder: string): Promise<string> {
  // What counts is where the folder really lies.
  let path = await realpath(folder);
  while (!(await isMountPoint(path))) path = dirname(path);
  return path;
}

function isEntry(payload: unknown): payload is { folder: string; mount: string } {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'folder' in payload &&
    'mount' in payload &&
    typeof payload.folder === 'string' &&
    typeof payload.mount === 'string'
  );
}
