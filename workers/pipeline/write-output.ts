/**
 * Brings finished bytes to their final name, whole or not at all, and applies the conflict policy. Never writes over the
 * source, never removes anything but its own temp files. The temp file stays as a second link: the daemon's identity
 * check after a crash, and its to remove.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DevelopTask } from '../../bridge/contract/host-messages.ts';
import { errnoOf, toOutputFailure } from './file-errors.ts';
import { assertUnchanged, type Source, type SourceIdentity, sha256 } from './read-source.ts';
import { TaskFailure } from './task-failure.ts';

type Destination = Pick<DevelopTask['output'], 'folder' | 'name' | 'temp_name' | 'on_conflict'>;

/** File systems without hard links answer one of these. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export type Standing = 'free' | 'skip' | 'replace';

/**
 * What the policy makes of a file that is already there; asked before the work is done, and again by the write itself.
 * Throws TaskFailure `output_exists`: retryable only under `unique`, where the caller may pick another name.
 */
export function checkDestination(destination: Destination, source: SourceIdentity | null): Standing {
  const path = join(destination.folder, destination.name);
  let present: { dev: bigint; ino: bigint } | undefined;
  try {
    present = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw toOutputFailure(error, path);
  }
  if (present === undefined) return 'free';
  switch (destination.on_conflict) {
    case 'skip':
      return 'skip';
    case 'unique':
    case 'fail':
      throw alreadyThere(path, destination.on_conflict === 'unique');
    case 'overwrite':
    case 'if-changed':
      if (source !== null && present.dev === source.dev && present.ino === source.ino) {
        throw new TaskFailure(
          'output_exists',
          'write',
          `${path}: This is the source itself; it is never overwritten.`,
        );
      }
      return 'replace';
  }
}

/** True when `if-changed` finds that source and destination are the ones of the record. */
export function isUnchangedSince(task: DevelopTask, sourceSha256: string): boolean {
  const { previous, output } = task;
  if (output.on_conflict !== 'if-changed' || previous === undefined) return false;
  if (previous.source_sha256 !== sourceSha256) return false;
  try {
    const present = readFileSync(join(output.folder, output.name));
    return present.length === previous.bytes && sha256(present) === previous.output_sha256;
  } catch {
    return false;
  }
}

/**
 * Writes `pieces` one after the other. Answers false when the policy `skip` met a file that appeared meanwhile.
 * Throws TaskFailure `output_exists`, `output_full`, `output_not_writable`, `source_changed`; then no temp file is left.
 */
export function writeOutput(pieces: readonly Buffer[], destination: Destination, source: Source): boolean {
  const { folder, name, temp_name } = destination;
  const temp = join(folder, temp_name);
  const final = join(folder, name);
  try {
    writeTemp(temp, pieces);
    assertUnchanged(source);
    const standing = checkDestination(destination, source.identity);
    if (standing === 'skip') {
      rmSync(temp, { force: true });
      return false;
    }
    if (standing === 'replace') replaceFinal(temp, final);
    else linkFinal(temp, final, destination);
    return true;
  } catch (error) {
    rmSync(temp, { force: true });
    if (errnoOf(error) === 'EEXIST') {
      if (destination.on_conflict === 'skip') return false;
      throw alreadyThere(final, destination.on_conflict === 'unique');
    }
    throw toOutputFailure(error, final);
  }
}

function writeTemp(temp: string, pieces: readonly Buffer[]): void {
  const descriptor = openFresh(temp);
  try {
    for (const piece of pieces) {
      let written = 0;
      while (written < piece.length) written += writeSync(descriptor, piece, written, piece.length - written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A temp file of this very attempt can only be left by a crash: it is removed, never appended to. */
function openFresh(temp: string): number {
  try {
    return openSync(temp, 'wx', 0o666);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    unlinkSync(temp);
    return openSync(temp, 'wx', 0o666);
  }
}

function linkFinal(temp: string, final: string, destination: Destination): void {
  try {
    linkSync(temp, final);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' && ['overwrite', 'if-changed'].includes(destination.on_conflict)) {
      replaceFinal(temp, final);
    } else if (errno !== null && noHardLinks.has(errno)) {
      renameIfFree(temp, final);
    } else {
      throw error;
    }
  }
}

/** The nearest to a link that a file system without links has: a file that appears in between would be replaced. */
function renameIfFree(temp: string, final: string): void {
  if (lstatSync(final, { throwIfNoEntry: false }) !== undefined) {
    throw Object.assign(new Error('the file exists'), { code: 'EEXIST' });
  }
  renameSync(temp, final);
}

/** A second link is renamed over the final name, so that the temp name keeps the inode. */
function replaceFinal(temp: string, final: string): void {
  const second = `${temp}2`;
  try {
    rmSync(second, { force: true });
    linkSync(temp, second);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null || !noHardLinks.has(errno)) throw error;
    renameSync(temp, final);
    return;
  }
  try {
    renameSync(second, final);
  } catch (error) {
    rmSync(second, { force: true });
    throw error;
  }
}

function alreadyThere(path: string, retryable: boolean): TaskFailure {
  return new TaskFailure('output_exists', 'write', `${path}: A file of this name exists.`, { retryable });
}
