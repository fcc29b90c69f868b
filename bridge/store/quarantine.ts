/**
 * Keeps damaged files and bytes under `data/quarantine/`, each with its reason beside it. Never deletes anything, never
 * follows a symlink, and never throws: a disk that refuses leaves the damaged thing where it is.
 */
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PRIVATE_FILE, PRIVATE_FOLDER, SAFE_FLAGS } from './disk.ts';
import type { ByteRange } from './record-scanner.ts';

export type Quarantine = {
  /** Moves a file, folder or link as it is. Answers its new name (the old plus a suffix), or null when it could not be moved. */
  move(path: string, reason: string): string | null;
  /** Copies a part of a file (default: all of it) under `name`. `once`: not again when that name is there. */
  copy(
    path: string,
    options: { name: string; reason: string; range?: ByteRange; once?: boolean },
  ): string | null;
};

const PIECE = 1024 * 1024;
/** So that nobody takes a moved file for one that can be put back as it is. */
const MOVED = '.damaged';
const MAX_NAME_BYTES = 220;

export function createQuarantine(folder: string): Quarantine {
  return {
    move: (path, reason) => {
      try {
        mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
        const name = freeName(folder, shorten(basename(path)) + MOVED);
        renameSync(path, join(folder, name));
        noteReason(folder, name, reason);
        return name;
      } catch {
        return null;
      }
    },
    copy: (path, { name: wanted, reason, range, once }) => {
      try {
        mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
        if (once === true && isTaken(folder, wanted)) return wanted;
        const name = freeName(folder, wanted);
        copyRange(path, join(folder, name), range);
        noteReason(folder, name, reason);
        return name;
      } catch {
        return null;
      }
    },
  };
}

function isTaken(folder: string, name: string): boolean {
  return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
}

/** Room for what is added to it: no system takes longer names than 255 bytes. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const mark = crc32(name).toString(16).padStart(8, '0');
  return `${Buffer.from(name)
    .toString('latin1', 0, MAX_NAME_BYTES - 60)
    .replace(/[^ -~]/g, '_')}~${mark}`;
}

function freeName(folder: string, wanted: string): string {
  let name = wanted;
  for (let count = 2; isTaken(folder, name); count += 1) name = `${wanted}.${count}`;
  return name;
}

function noteReason(folder: string, name: string, reason: string): void {
  const text = `${new Date().toISOString()} ${reason}\n`;
  try {
    writeFileSync(join(folder, `${name}.reason.txt`), text, { flag: 'wx', mode: PRIVATE_FILE });
  } catch {
    // The thing itself is kept; its reason is in the log as well.
  }
}

function copyRange(from: string, to: string, range: ByteRange = { start: 0, end: Infinity }): void {
  const source = openSync(from, constants.O_RDONLY | SAFE_FLAGS);
  try {
    const target = openSync(to, 'wx', PRIVATE_FILE);
    try {
      const piece = Buffer.allocUnsafe(PIECE);
      let at = range.start;
      while (at < range.end) {
        const read = readSync(source, piece, 0, Math.min(PIECE, range.end - at), at);
        if (read === 0) break;
        for (let done = 0; done < read; ) done += writeSync(target, piece, done, read - done);
        at += read;
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}
