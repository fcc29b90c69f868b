/**
 * Whether an output folder has room again after a write failed for want of it. What it asks for grows while it proves too
 * little, so that a disk that stays nearly full is not tried every few seconds. Leaves no file behind.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CREATE_NEW, errorCode, removeIfThere, SAFE_FLAGS, writeAll } from './disk.ts';

const MEGABYTE = 1024 * 1024;
const FIRST_BYTES = MEGABYTE;
const MOST_BYTES = 256 * MEGABYTE;
/** What is really written: a quota shows in no figure of the disk. */
const WRITTEN_BYTES = 4 * MEGABYTE;
/** A disk that is full again this soon after it had room had too little of it. */
const SOON_MS = 30_000;
const FORGET_MS = 600_000;

/** One name for ever: what a crash leaves goes with the next look at the folder. */
export const PROBE_NAME = '.pb-probe.tmp';
const PROBE_TRIES = 50;
const PROBE_WAIT_MS = 10;

type Hunger = { bytes: number; isFull: boolean; passedMs: number };

export type Room = {
  noteFull(folder: string): void;
  /** Rejects with the system's error; `ENOSPC` also when there is less room than it asks for. */
  check(folder: string): Promise<void>;
};

/** Seams for tests. `freeBytes`: null when the system does not tell. */
export type RoomParts = {
  nowMs?: () => number;
  freeBytes?: (folder: string) => Promise<number | null>;
};

export function createRoom({ nowMs = () => performance.now(), freeBytes = readFree }: RoomParts = {}): Room {
  const hungers = new Map<string, Hunger>();
  return {
    noteFull(folder) {
      const hunger = hungers.get(folder);
      const sinceMs = nowMs() - (hunger?.passedMs ?? 0);
      if (hunger === undefined || (!hunger.isFull && sinceMs > FORGET_MS)) {
        hungers.set(folder, { bytes: FIRST_BYTES, isFull: true, passedMs: 0 });
      } else if (!hunger.isFull) {
        if (sinceMs < SOON_MS) hunger.bytes = Math.min(MOST_BYTES, hunger.bytes * 2);
        hunger.isFull = true;
      }
    },
    async check(folder) {
      const hunger = hungers.get(folder);
      const bytes = hunger?.isFull ? hunger.bytes : 0;
      const free = bytes > 0 ? await freeBytes(folder) : null;
      if (free !== null && free < bytes) throw tooLittle(bytes);
      await writeSome(folder, Math.min(bytes, WRITTEN_BYTES));
      if (hunger?.isFull) Object.assign(hunger, { isFull: false, passedMs: nowMs() });
    },
  };
}

async function readFree(folder: string): Promise<number | null> {
  const { blocks, bavail, bsize } = await statfs(folder);
  // Some network and user space file systems tell nothing.
  return blocks > 0 ? bavail * bsize : null;
}

function tooLittle(bytes: number): Error {
  return Object.assign(new Error(`less than ${bytes} bytes are free`), { code: 'ENOSPC' });
}

/** The only answer that holds for rights, read-only mounts, quotas and full inode tables alike. */
async function writeSome(folder: string, bytes: number): Promise<void> {
  const path = join(folder, PROBE_NAME);
  const handle = await createProbe(path);
  try {
    // Random, for a disk that compresses.
    if (bytes > 0) await writeAll(handle, randomBytes(bytes), 0);
    if (bytes > 0) await handle.sync();
  } finally {
    await handle.close().finally(() => remove(path));
  }
}

async function createProbe(path: string): Promise<FileHandle> {
  for (let left = PROBE_TRIES; ; left -= 1) {
    await removeIfThere(path);
    try {
      return await open(path, CREATE_NEW | SAFE_FLAGS);
    } catch (thrown) {
      // Another batch, or another daemon, asks at this very moment.
      if (errorCode(thrown) !== 'EEXIST' || left === 0) throw thrown;
      await delay(PROBE_WAIT_MS);
    }
  }
}

/** Tries twice: a probe that stays is seen by people, and no batch may ever come to sweep it. */
async function remove(path: string): Promise<void> {
  await removeIfThere(path).catch(() => removeIfThere(path));
}
