/** Reads a source file once, whole, into memory, and tells later whether it has changed since. Never writes. */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import { toSourceFailure } from './file-errors.ts';
import { TaskFailure } from './task-failure.ts';

/** What identifies a source file and its state. Big integers: inode numbers may pass 2^53. */
export type SourceIdentity = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint };
/** `readAtMs`: wall clock, right before it was read. */
export type Source = { path: string; bytes: Buffer; identity: SourceIdentity; readAtMs: number };

/**
 * The file's bytes (a symbolic link is followed; with `within`, the real paths of folders, only to a file inside of them). A FIFO, device or socket is refused without waiting for it.
 * Throws TaskFailure `source_missing`, `source_unreadable`, `source_too_large` (above `maxBytes`), `source_changed`.
 */
export function readSource(path: string, maxBytes: number, within?: readonly string[]): Source {
  let descriptor: number | undefined;
  const readAtMs = Date.now();
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) {
      throw new TaskFailure('source_unreadable', 'read', `${path}: It is not a regular file.`);
    }
    if (within !== undefined) assertWithin(path, stat, within);
    if (stat.size > BigInt(maxBytes)) {
      const megabytes = (Number(stat.size) / 1e6).toFixed(0);
      throw new TaskFailure(
        'source_too_large',
        'read',
        `${path}: It has ${megabytes} MB; the limit is ${(maxBytes / 1e6).toFixed(0)} MB.`,
      );
    }
    const bytes = readAll(descriptor, path, Number(stat.size));
    return {
      path,
      bytes,
      readAtMs,
      identity: { dev: stat.dev, ino: stat.ino, size: stat.size, mtimeNs: stat.mtimeNs },
    };
  } catch (error) {
    throw toSourceFailure(error, path);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * That the open file is the one its real path leads to, and that this path is inside a folder: whatever links were changed between
 * the daemon's look and the opening, or are changed now.
 */
function assertWithin(path: string, open: { dev: bigint; ino: bigint }, within: readonly string[]): void {
  const real = realpathSync(path);
  const { dev, ino } = statSync(real, { bigint: true });
  const isInside = within.some((root) => real.startsWith(root.endsWith(sep) ? root : root + sep));
  if (isInside && dev === open.dev && ino === open.ino) return;
  throw new TaskFailure(
    'source_unreadable',
    'read',
    `${path}: It leads out of the library folders, which setting security.paths does not allow.`,
  );
}

function readAll(descriptor: number, path: string, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(descriptor, bytes, filled, size - filled, filled);
    if (count === 0) throw changed(path);
    filled += count;
  }
  return bytes;
}

/**
 * Throws `source_changed` when the file is no longer the one that was read. A file deleted since counts as changed. Where
 * the time of its last change is too coarse to tell, its bytes do.
 */
export function assertUnchanged(source: Source): void {
  const { path, identity, bytes, readAtMs } = source;
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || stat.size !== identity.size) throw changed(path);
  const isSameTime = stat.mtimeNs === identity.mtimeNs;
  if (isSameTime && !isYoungAndCoarse(stat.mtimeNs, readAtMs)) return;
  if (!isSameTime && toCoarse(stat.mtimeNs) !== stat.mtimeNs) throw changed(path);
  if (!isSameTime && toCoarse(identity.mtimeNs) !== stat.mtimeNs) throw changed(path);
  if (!readAgain(path, identity.size).equals(bytes)) throw changed(path);
}

/** FAT keeps times in steps of two seconds, and the system may forget the finer one it showed at first. */
const COARSE_NS = 2_000_000_000n;

function toCoarse(timeNs: bigint): bigint {
  return timeNs - (timeNs % COARSE_NS);
}

/** A file changed within the step in which it was read shows the same time before and after. */
function isYoungAndCoarse(mtimeNs: bigint, readAtMs: number): boolean {
  const age = BigInt(Math.round(readAtMs)) * 1_000_000n - mtimeNs;
  return toCoarse(mtimeNs) === mtimeNs && age < 2n * COARSE_NS;
}

function readAgain(path: string, size: bigint): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return readAll(descriptor, path, Number(size));
  } finally {
    closeSync(descriptor);
  }
}

function changed(path: string): TaskFailure {
  return new TaskFailure('source_changed', 'read', `${path}: It changed while it was processed.`, {
    retryable: true,
  });
}

/** Lowercase hex. */
export function sha256(bytes: Buffer): string {
  return hash('sha256', bytes, 'hex');
}
