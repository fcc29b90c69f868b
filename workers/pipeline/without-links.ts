/**
 * Brings a finished temp file to its final name on a disk that has no hard links (FAT, exFAT, many network shares): a synced
 * marker says first what the final name will hold, so that after a crash the daemon knows its own file.
 */
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type OutputMarker, toMarkerName } from '../../bridge/contract/output-names.ts';
import { errnoOf } from './file-errors.ts';

export type Move = {
  folder: string;
  tempName: string;
  content: OutputMarker;
  /** Whether a file of the final name is replaced. Else it stays and the error says EEXIST. */
  replaces: boolean;
};

/** File systems without hard links answer one of these to `link`. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export function lacksLinks(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno !== null && noHardLinks.has(errno);
}

/**
 * Throws the system's errors; then no marker is left and the temp file is the caller's. Nothing here can refuse a name that
 * another program takes between the look and the rename: such disks have no way to. (Two photos of ours never share one.)
 */
export function moveWithMarker({ folder, tempName, content, replaces }: Move): void {
  const marker = join(folder, toMarkerName(tempName));
  const final = join(folder, content.name);
  try {
    writeMarker(marker, content);
    syncNames(folder);
    if (!replaces && lstatSync(final, { throwIfNoEntry: false }) !== undefined) {
      throw Object.assign(new Error('the file exists'), { code: 'EEXIST' });
    }
    renameSync(join(folder, tempName), final);
  } catch (error) {
    rmSync(marker, { force: true });
    throw error;
  }
}

function writeMarker(path: string, content: OutputMarker): void {
  // One of this very attempt can only be left by a crash.
  rmSync(path, { force: true });
  const descriptor = openSync(path, 'wx', 0o666);
  try {
    const bytes = Buffer.from(JSON.stringify(content));
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The marker is found after a power cut whenever the final name is. Not every such disk can sync a folder. */
function syncNames(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch (error) {
    if (errnoOf(error) === 'EIO') throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
