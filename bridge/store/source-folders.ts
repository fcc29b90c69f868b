/**
 * Tells a photo that is gone from a folder or drive that is gone. Remembers the drives photos were read from; opens a
 * photo only to see whether its drive answers.
 */
import { constants } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SourceFolders } from '../batch/output-ports.ts';
import type { Log } from '../log.ts';
import { errorCode } from './disk.ts';
import type { MountMemory } from './mount-memory.ts';

/** What a drive or share answers that is no longer there. */
const offline = new Set([
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ENXIO',
  'ENODEV',
]);
const ANSWER_MS = 5000;
const FOLDERS_KEPT = 1000;

export function createSourceFolders(
  mounts: MountMemory,
  log: Log,
  answerMs: number = ANSWER_MS,
): SourceFolders {
  /** Folders whose drives are remembered; at most so many, for memory's sake. */
  const kept = new Set<string>();
  /** Looks that were given up: another at the same folder would only hold another thread of the pool. */
  const hanging = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();

  async function lookInTime(path: string, device: number): Promise<string | null> {
    const folder = dirname(path);
    if (hanging.has(folder)) return `${folder} does not answer`;
    hanging.add(folder);
    const look = findReason(path, device, mounts).finally(() => hanging.delete(folder));
    const timer = new AbortController();
    const late = delay(answerMs, `${folder} does not answer`, { signal: timer.signal }).catch(() => null);
    return Promise.race([look, late]).finally(() => timer.abort());
  }

  return {
    away(path, device) {
      // One look at a time: a share that hangs must not take all threads of the pool.
      const result = turn.then(() => lookInTime(path, device));
      turn = result.catch(() => undefined);
      return result.catch((thrown: unknown) => {
        log.warn({ err: thrown, path }, 'The folder of a photo could not be looked at');
        return null;
      });
    },
    seen(path) {
      const folder = dirname(path);
      if (kept.has(folder)) return;
      if (kept.size >= FOLDERS_KEPT) kept.clear();
      kept.add(folder);
      mounts.rememberDrive(folder).catch((thrown: unknown) => {
        log.warn({ err: thrown, folder }, 'The drive of a photo could not be noted');
      });
    },
  };
}

async function findReason(path: string, device: number, mounts: MountMemory): Promise<string | null> {
  const folder = dirname(path);
  const said = await answerOf(() => readStart(path));
  if (said === '') return null;
  if (said === 'ENOENT' || said === 'ENOTDIR') return findGone(folder, device, mounts);
  if (!offline.has(said)) return null;
  // A bad spot of a disk that works is the photo's own trouble.
  if (said === 'EIO' && (await answerOf(() => readFolder(folder))) === '') return null;
  return `${folder} does not answer (${said})`;
}

/** The photo is not there: is that all? */
async function findGone(folder: string, device: number, mounts: MountMemory): Promise<string | null> {
  const mount = await mounts.lostMount(folder);
  if (mount !== null) return `the drive at ${mount} is not there`;
  const said = await answerOf(() => readFolder(folder));
  if (said === 'ENOENT' || said === 'ENOTDIR') return `the folder ${folder} is gone`;
  if (offline.has(said)) return `${folder} does not answer (${said})`;
  if (said !== '') return null;
  // A drive may have gone before any photo was read from it: then its mount point is empty, and of another device.
  const isMoved = (await stat(folder)).dev !== device;
  return isMoved && (await isEmpty(folder)) ? `the drive at ${folder} is not there` : null;
}

/** The system's error code; empty when it went well. */
async function answerOf(step: () => Promise<unknown>): Promise<string> {
  try {
    await step();
    return '';
  } catch (thrown) {
    return errorCode(thrown) || 'unknown';
  }
}

async function readStart(path: string): Promise<void> {
  if (!(await stat(path)).isFile()) return;
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    await file.read(Buffer.alloc(1), 0, 1, 0);
  } finally {
    await file.close();
  }
}

async function readFolder(folder: string): Promise<void> {
  const entries = await opendir(folder);
  try {
    await entries.read();
  } finally {
    await entries.close();
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  const entries = await opendir(folder);
  try {
    return (await entries.read()) === null;
  } finally {
    await entries.close();
  }
}
