/**
 * Brings finished bytes to their final name, whole or not at all, and applies the conflict policy. Never writes over the
 * source, never elsewhere than where the daemon found the folder, never removes anything but its own temp files. The temp
 * file stays as a second link (or a marker, on a disk without links): the daemon's identity check after a crash, and its
 * to remove.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DevelopTask } from '../../bridge/contract/host-messages.ts';
import { foldName } from '../../bridge/contract/output-names.ts';
import { errnoOf, toOutputFailure } from './file-errors.ts';
import { withHeldFolder } from './held-folder.ts';
import { assertUnchanged, type Source, sha256 } from './read-source.ts';
import { TaskFailure } from './task-failure.ts';
import { lacksLinks, moveWithMarker } from './without-links.ts';

type Destination = Pick<DevelopTask['output'], 'folder' | 'name' | 'temp_name' | 'on_conflict' | 'place'> & {
  /** The way to `folder` that no change of links can turn elsewhere, while it is written to. */
  held?: string;
};

function wayTo({ folder, held = folder }: Destination): string {
  return held;
}

export type Standing = 'free' | 'skip' | 'replace';

/**
 * What the policy makes of a file that is already there; asked before the work is done, and again by the write itself.
 * Throws TaskFailure `output_exists`: retryable only under `unique`, where the caller may pick another name.
 */
export function checkDestination(destination: Destination, source: Source | null): Standing {
  const path = join(destination.folder, destination.name);
  let present: { dev: bigint; ino: bigint } | undefined;
  try {
    const found = join(wayTo(destination), destination.name);
    present = lstatSync(found, { bigint: true, throwIfNoEntry: false });
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
      if (source !== null && (isSource(present, source) || isOtherSpelling(destination, source))) {
        throw new TaskFailure(
          'output_exists',
          'write',
          `${path}: This is the source itself; it is never overwritten.`,
        );
      }
      return 'replace';
  }
}

/** Asked twice of the source: FAT and user space file systems number a file anew each time they meet it. */
function isSource(present: { dev: bigint; ino: bigint }, { path, identity }: Source): boolean {
  const now = statSync(path, { bigint: true, throwIfNoEntry: false });
  return [identity, now].some((known) => known?.dev === present.dev && known.ino === present.ino);
}

/** `IMG.JPG` and `IMG.jpg` can be one file with two numbers on a user space FAT; the folder's list has it once. */
function isOtherSpelling(destination: Destination, { path }: Source): boolean {
  const { name } = destination;
  const folder = wayTo(destination);
  if (foldName(basename(path)) !== foldName(name) || basename(path) === name) return false;
  return realpathSync(dirname(path)) === realpathSync(folder) && !readdirSync(folder).includes(name);
}

/**
 * Throws `output_not_writable` when the folder no longer leads where the daemon found it: a link put in its place, or the
 * empty folder that a drive was mounted over.
 */
export function assertPlace(destination: Destination): void {
  const { folder, place } = destination;
  if (place === undefined) return;
  let isThere: boolean;
  try {
    const way = wayTo(destination);
    isThere =
      realpathSync(way) === place.real && String(statSync(way, { bigint: true }).dev) === place.device;
  } catch (error) {
    throw toOutputFailure(error, folder);
  }
  if (isThere) return;
  const message = `${folder}: It leads elsewhere than when the batch began; nothing is written there.`;
  throw new TaskFailure('output_not_writable', 'write', message, { retryable: true });
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

/** `pieces` follow one another in the file; `content` is what they make. */
export type Finished = {
  pieces: readonly Buffer[];
  content: { bytes: number; sha256: string };
  destination: Destination;
  source: Source;
  /** Folders are not to be trusted: this one is held while it is written to, so that no link leads elsewhere meanwhile. */
  holds?: boolean;
};

/**
 * Answers false when the policy `skip` met a file that appeared meanwhile. Throws TaskFailure `output_exists`,
 * `output_full`, `output_not_writable`, `source_changed`; then no temp file is left.
 */
export function writeOutput(finished: Finished): boolean {
  const { folder, name } = finished.destination;
  if (finished.holds !== true) return writeInto(finished);
  try {
    return withHeldFolder(folder, (held) =>
      writeInto({ ...finished, destination: { ...finished.destination, held } }),
    );
  } catch (error) {
    // Only the folder itself can have failed: the rest is told apart already.
    throw toOutputFailure(error, join(folder, name));
  }
}

function writeInto(finished: Finished): boolean {
  const { destination, source, pieces } = finished;
  const { folder, name, temp_name } = destination;
  assertPlace(destination);
  const temp = join(wayTo(destination), temp_name);
  const final = join(folder, name);
  try {
    writeTemp(temp, pieces);
    assertUnchanged(source);
    const standing = checkDestination(destination, source);
    if (standing === 'skip') {
      rmSync(temp, { force: true });
      return false;
    }
    bringHome(finished, standing);
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

function bringHome(finished: Finished, standing: 'free' | 'replace'): void {
  const { destination, content } = finished;
  const { name, temp_name } = destination;
  const folder = wayTo(destination);
  try {
    if (standing === 'replace') replaceFinal(join(folder, temp_name), join(folder, name));
    else linkFinal(join(folder, temp_name), join(folder, name), destination);
  } catch (error) {
    if (!lacksLinks(error)) throw error;
    assertPlace(destination);
    const { bytes, sha256 } = content;
    moveWithMarker({
      folder,
      tempName: temp_name,
      content: { name, bytes, sha256 },
      replaces: standing === 'replace' || isReplacing(destination),
    });
  }
}

function isReplacing({ on_conflict }: Destination): boolean {
  return on_conflict === 'overwrite' || on_conflict === 'if-changed';
}

function linkFinal(temp: string, final: string, destination: Destination): void {
  try {
    linkSync(temp, final);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || !isReplacing(destination)) throw error;
    replaceFinal(temp, final);
  }
}

/** A second link is renamed over the final name, so that the temp name keeps the inode. */
function replaceFinal(temp: string, final: string): void {
  const second = `${temp}2`;
  rmSync(second, { force: true });
  linkSync(temp, second);
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
