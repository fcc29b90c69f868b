/**
 * One daemon a data folder: a lock held by the operating system on the open file description. A kill frees it, a freeze
 * does not, and a child that inherited the descriptor keeps it. Never judges by process ids or by the file's presence.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';
import { BridgeError } from '../errors.ts';
import { errorCode, PRIVATE_FILE, PRIVATE_FOLDER, SAFE_FLAGS } from './disk.ts';

const POLL_MS = 25;
const NOTE_BYTES = 64;

export type DataLock = {
  /** To be handed to the render host through its stdio: the lock then lasts until both are gone. */
  fd: number;
  /** Closes our descriptor. Never unlocks: that would free it under a child that still lives. */
  release(): void;
};
export type LockResult =
  | { kind: 'acquired'; lock: DataLock }
  /** `heldBy`: the process id the holder left in the file, for people; null when there is none to read. */
  | { kind: 'held'; heldBy: number | null };

export type LockOptions = {
  waitMs: number;
  /** Asked at each try: true when waiting for this holder is in vain. */
  isForGood?: (heldBy: number | null) => boolean;
};

/** Tries until `waitMs` have passed. Rejects when the lock file cannot be opened. */
export async function acquireLock(dataDir: string, options: LockOptions): Promise<LockResult> {
  mkdirSync(dataDir, { recursive: true, mode: PRIVATE_FOLDER });
  const path = join(dataDir, 'daemon.lock');
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | SAFE_FLAGS, PRIVATE_FILE);
  try {
    if (!fstatSync(fd).isFile())
      throw new BridgeError('internal', 'The lock is not a regular file', { path });
    const until = performance.now() + options.waitMs;
    while (!tryLock(fd)) {
      const heldBy = readNote(fd);
      if (performance.now() >= until || options.isForGood?.(heldBy) === true) {
        closeSync(fd);
        return { kind: 'held', heldBy };
      }
      await delay(POLL_MS);
    }
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  leaveNote(fd);
  return { kind: 'acquired', lock: toLock(fd) };
}

export type LockLook = { state: 'absent' | 'free' | 'held'; pid: number | null };

/**
 * Whether somebody holds the lock. Takes a shared lock for a moment and writes nothing; a daemon that starts in that very
 * moment waits for longer than that. Throws when the lock file cannot be opened.
 */
export function inspectLock(dataDir: string): LockLook {
  let fd: number;
  try {
    fd = openSync(join(dataDir, 'daemon.lock'), constants.O_RDONLY | SAFE_FLAGS);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return { state: 'absent', pid: null };
    throw thrown;
  }
  try {
    return { state: tryLock(fd, { shared: true }) ? 'free' : 'held', pid: readNote(fd) };
  } finally {
    closeSync(fd);
  }
}

function toLock(fd: number): DataLock {
  let isOpen = true;
  return {
    fd,
    release: () => {
      // Once only: the number may by then be another file's.
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

function leaveNote(fd: number): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch {
    // A full disk must not keep the daemon from starting: the note is only for people.
  }
}

function readNote(fd: number): number | null {
  try {
    const bytes = Buffer.alloc(NOTE_BYTES);
    const text = bytes.toString('latin1', 0, readSync(fd, bytes, 0, NOTE_BYTES, 0));
    const pid = Number(text.trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
