/**
 * Free room on the volumes that folders lie on: whether one has become too little to go on. Looks at a volume at most once
 * a second, however many ask; writes nothing.
 */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A volume may have so little before it is low: this share, where that is less than the setting. */
const LOW_SHARE = 0.01;
/** Low ends only at so many times what it began at, so that one photo more or less does not place and lift holds. */
const ENOUGH_FACTOR = 1.25;
const LOOK_MS = 1000;
const MOST_FOLDERS = 1000;
const MEGABYTE = 1024 * 1024;
const DEFAULT_LEAST_BYTES = 256 * MEGABYTE;

export type VolumeRoom = { freeBytes: number; totalBytes: number };
/** `freeBytes` as it was when it became low: what it says stays the same while it is. `neededBytes`: from there on it is not. */
export type LowSpace = { volume: string; freeBytes: number; neededBytes: number };

export type FreeSpace = {
  /** Null: there is room, the system does not tell, or the folder is not there. Never rejects. */
  low(folder: string): Promise<LowSpace | null>;
  /** The same as words, without a full stop. `what`: the folder as people know it. */
  lowText(folder: string, what: string): Promise<string | null>;
};

/** `leastBytes`: asked each time. The others are seams for tests; `readRoom`: null when the system does not tell. */
export type FreeSpaceParts = {
  leastBytes?: () => number;
  nowMs?: () => number;
  readDevice?: (folder: string) => Promise<number>;
  readRoom?: (folder: string) => Promise<VolumeRoom | null>;
};

type Look = { atMs: number; low: Promise<LowSpace | null> };

export function createFreeSpace(parts: FreeSpaceParts = {}): FreeSpace {
  const { nowMs = () => performance.now(), readDevice = readDeviceOf, readRoom = readRoomOf } = parts;
  const leastBytes = parts.leastBytes ?? (() => DEFAULT_LEAST_BYTES);
  const folders = new Map<string, { atMs: number; device: Promise<number> }>();
  const volumes = new Map<number, Look>();

  async function look(folder: string, before: LowSpace | null): Promise<LowSpace | null> {
    const room = await readRoom(folder);
    if (room === null) return null;
    const least = Math.min(leastBytes(), room.totalBytes * LOW_SHARE);
    const neededBytes = Math.ceil(least * ENOUGH_FACTOR);
    if (before !== null && room.freeBytes < neededBytes) return { ...before, neededBytes };
    if (room.freeBytes >= least) return null;
    return { volume: await findVolume(folder, readDevice), freeBytes: room.freeBytes, neededBytes };
  }
  function deviceOf(folder: string): Promise<number> {
    const known = folders.get(folder);
    if (known !== undefined && nowMs() - known.atMs < LOOK_MS) return known.device;
    const device = readDevice(folder);
    if (folders.size >= MOST_FOLDERS) folders.clear();
    folders.set(folder, { atMs: nowMs(), device });
    return device;
  }
  async function low(folder: string): Promise<LowSpace | null> {
    try {
      const device = await deviceOf(folder);
      const known = volumes.get(device);
      if (known !== undefined && nowMs() - known.atMs < LOOK_MS) return await known.low;
      const before = Promise.resolve(known?.low ?? null).catch(() => null);
      const found = before.then((earlier) => look(folder, earlier));
      volumes.set(device, { atMs: nowMs(), low: found });
      return await found;
    } catch {
      // A folder that is away is somebody else's to report.
      folders.delete(folder);
      return null;
    }
  }
  return {
    low,
    async lowText(folder, what) {
      const found = await low(folder);
      return found === null ? null : toText(found, what);
    },
  };
}

function toText({ volume, freeBytes, neededBytes }: LowSpace, what: string): string {
  return `The disk of ${what} is nearly full: volume ${volume} has ${freeBytes} bytes free and needs ${neededBytes}. Free some room on it, or lower the setting resources.min_free_mb`;
}

/** The folder where the volume begins. */
async function findVolume(folder: string, readDevice: (folder: string) => Promise<number>): Promise<string> {
  const device = await readDevice(folder);
  let top = folder;
  for (;;) {
    const parent = dirname(top);
    if (parent === top || (await readDevice(parent)) !== device) return top;
    top = parent;
  }
}

async function readDeviceOf(folder: string): Promise<number> {
  return (await stat(folder)).dev;
}

async function readRoomOf(folder: string): Promise<VolumeRoom | null> {
  const { blocks, bavail, bsize } = await statfs(folder);
  // Some network and user space file systems tell nothing.
  return blocks > 0 ? { freeBytes: bavail * bsize, totalBytes: blocks * bsize } : null;
}
