/**
 * Remembers which folders lie on a mounted drive, also across restarts, so that nothing is written under the empty mount
 * point when the drive is gone, and its photos are not taken for deleted. Looks at devices only; never at names of drives.
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
  /** The drive of `folder`, which must exist, for `lostMount`. Durable when resolved. */
  rememberDrive(folder: string): Promise<void>;
  /** The mount point above a folder that a drive was once seen at and none is now; null when there is none. */
  lostMount(folder: string): Promise<string | null>;
  /** Where a folder led to when that was last noted; null when it never was. */
  realOf(folder: string): Promise<string | null>;
  /** Durable when resolved. */
  noteReal(folder: string, real: string): Promise<void>;
  close(): Promise<void>;
};

type Entry = { folder: string; mount: string } | { folder: string; real: string };

export function createMountMemory(path: string): MountMemory {
  const mounts = new Map<string, string>();
  const drives = new Set<string>();
  const reals = new Map<string, string>();
  const take = (entry: Entry): void => {
    if ('real' in entry) reals.set(entry.folder, entry.real);
    else {
      mounts.set(entry.folder, entry.mount);
      if (!isRoot(entry.mount)) drives.add(entry.mount);
    }
  };
  let opened: Promise<AppendLog> | null = null;
  const open = () => {
    opened ??= openAppendLog(path, (payload) => {
      if (isEntry(payload)) take(payload);
    });
    // A log that cannot be opened now may be later.
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  const keep = async (entry: Entry): Promise<void> => {
    take(entry);
    await (await open()).append([entry]);
  };
  return {
    isMounted: async (folder) => {
      await open().catch(() => null);
      const mount = mounts.get(folder);
      return mount === undefined || isMountPoint(mount);
    },
    remember: async (folder) => {
      const mount = await findMount(folder);
      if (mounts.get(folder) === mount || (isRoot(mount) && !mounts.has(folder))) return;
      await keep({ folder, mount });
    },
    rememberDrive: async (folder) => {
      const mount = await findMount(folder);
      if (!isRoot(mount) && !drives.has(mount)) await keep({ folder: mount, mount });
    },
    lostMount: async (folder) => {
      await open().catch(() => null);
      for (let path = folder; ; path = dirname(path)) {
        if (drives.has(path) && !(await isMountPoint(path))) return path;
        if (isRoot(path)) return null;
      }
    },
    realOf: async (folder) => {
      await open().catch(() => null);
      return reals.get(folder) ?? null;
    },
    noteReal: async (folder, real) => {
      if (reals.get(folder) !== real) await keep({ folder, real });
    },
    close: async () => {
      await (await opened?.catch(() => null))?.close();
    },
  };
}

function isRoot(path: string): boolean {
  return dirname(path) === path;
}

/** A folder whose parent is on another device, or the root. */
async function isMountPoint(path: string): Promise<boolean> {
  if (isRoot(path)) return true;
  try {
    return (await stat(path)).dev !== (await stat(dirname(path))).dev;
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

function isEntry(payload: unknown): payload is Entry {
  if (typeof payload !== 'object' || payload === null) return false;
  if (!('folder' in payload) || typeof payload.folder !== 'string') return false;
  if ('real' in payload) return typeof payload.real === 'string';
  return 'mount' in payload && typeof payload.mount === 'string';
}
