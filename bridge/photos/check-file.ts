/** Decides whether a path is an image file that can be registered: there, regular, and an image by its first bytes. Never waits on a pipe. */

import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import type { FileIdentity, PhotoFile } from './photo-record.ts';
import { RecentMap } from './recent-map.ts';
import { SIGNATURE_BYTES, toImageKind } from './signature.ts';

export type FileCheck = { ok: true; file: PhotoFile } | { ok: false; path: string; reason: string };
/** `allows` gets a canonical path and answers why not, or null. */
export type FileChecker = (path: string) => Promise<FileCheck>;

const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const FOLDERS_REMEMBERED = 1000;

/**
 * A checker for one request: it remembers the real names of the folders it met. The same file gives the same canonical
 * path, also by way of links: everything is resolved, so a link to a photo is that photo. (Two hard links are two files.)
 */
export function createFileChecker(allows: (canonical: string) => string | null): FileChecker {
  const folders = new RecentMap<string, Promise<string>>(FOLDERS_REMEMBERED);
  const realFolder = (folder: string) => {
    const known = folders.get(folder) ?? realpath(folder);
    folders.set(folder, known);
    return known;
  };
  return async (path) => {
    const badForm = toFormReason(path);
    if (badForm !== null) return { ok: false, path, reason: badForm };
    try {
      const { canonical, stats } = await resolveFile(normalize(path), realFolder);
      const reason = toKindReason(stats) ?? allows(canonical) ?? (await toContentReason(canonical));
      if (reason !== null) return { ok: false, path, reason };
      return { ok: true, file: { path: canonical, identity: toIdentity(stats) } };
    } catch (error) {
      return { ok: false, path, reason: toSystemReason(error) };
    }
  };
}

export function toIdentity({ dev, ino, birthtimeMs, size, mtimeMs }: Stats): FileIdentity {
  return { dev, ino, born: birthtimeMs, size, modified: mtimeMs };
}

/** Null when the path is one we may ask the system for. */
export function toFormReason(path: string): string | null {
  if (path.includes('\0')) return 'a path cannot hold a NUL character';
  if (!isAbsolute(path)) return 'the path is relative; give the absolute path of the file';
  return null;
}

/** What the system said, for a person. */
export function toSystemReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'the file does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'the file cannot be read: permission denied';
    case 'ELOOP':
      return 'the path is a loop of links';
    case 'ENAMETOOLONG':
      return 'the path is too long';
    default:
      return `the file cannot be read (${code ?? 'unknown error'})`;
  }
}

async function resolveFile(
  path: string,
  realFolder: (folder: string) => Promise<string>,
): Promise<{ canonical: string; stats: Stats }> {
  const plain = join(await realFolder(dirname(path)), basename(path));
  const stats = await lstat(plain);
  // Elsewhere a name may differ from the file's own in case or Unicode form.
  if (!stats.isSymbolicLink() && process.platform === 'linux') return { canonical: plain, stats };
  const canonical = await realpath(plain);
  return { canonical, stats: await stat(canonical) };
}

function toKindReason(stats: Stats): string | null {
  if (stats.isFile()) return stats.size === 0 ? 'the file is empty' : null;
  if (stats.isDirectory()) return 'it is a folder, not a file';
  if (stats.isFIFO()) return 'it is a pipe, not a file';
  if (stats.isSocket()) return 'it is a socket, not a file';
  return 'it is a device, not a file';
}

async function toContentReason(path: string): Promise<string | null> {
  // Not blocking: between the check and the open a pipe may have taken the file's place.
  const handle = await open(path, OPEN_FLAGS);
  try {
    const head = new Uint8Array(SIGNATURE_BYTES);
    const { bytesRead } = await handle.read(head, 0, SIGNATURE_BYTES, 0);
    const kind = toImageKind(head.subarray(0, bytesRead));
    return kind === null ? 'it is no image file of a known kind (by its first bytes)' : null;
  } finally {
    await handle.close();
  }
}
