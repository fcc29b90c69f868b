/** Small steps on files that every part of the store shares. Never decides what is written or when. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { BridgeError, toError } from '../errors.ts';

export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/** Seam for fault tests: how files are opened. */
export type OpenFile = (path: string, flags: number, mode?: number) => Promise<FileHandle>;
export const openFile: OpenFile = open;

/** Never through a symlink, never waiting for the other end of a FIFO. Both flags are 0 where the system lacks them. */
export const SAFE_FLAGS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
export const CREATE_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** Node error code (`ENOENT`), or empty. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** A failed write or sync as the refusal that the caller shows. */
export function toDiskError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown;
  const code = errorCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BridgeError('disk_full', 'The disk of the data folder is full', { system_code: code });
  const message = `The data folder cannot be written to (${code || toError(thrown).message})`;
  return new BridgeError('read_only', message, { system_code: code });
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Makes names in a folder durable. Systems that cannot sync a folder (Windows) do without. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

/**
 * Creates a folder with its parents, where a caller names it. (Node's own `recursive` tries for ever where a parent is
 * there and the system still answers ENOENT, as in `/proc`.)
 */
export async function createFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await createFolder(parent);
  try {
    await mkdir(path);
  } catch (thrown) {
    // Somebody else may have made it meanwhile.
    if (errorCode(thrown) !== 'EEXIST' || !(await isFolder(path))) throw thrown;
  }
  // A power cut must not take it away again. Some file systems sync no folder, and one that is not ours may be closed to us.
  await syncFolder(parent).catch((thrown: unknown) => {
    if (!['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(errorCode(thrown))) throw thrown;
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Creates a folder (0700) with its parents, and makes the new names durable. */
export async function createPrivateFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  if (made === undefined) return;
  for (let folder = resolve(path); folder.length >= made.length; folder = dirname(folder)) {
    await syncFolder(dirname(folder));
    if (dirname(folder) === folder) return;
  }
}
