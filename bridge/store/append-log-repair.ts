/** Copies the acknowledged part of a log to a fresh file and puts that in its place, after a sync of the old one failed. */
import { constants } from 'node:fs';
import { type FileHandle, rename } from 'node:fs/promises';
import { type OpenFile, PRIVATE_FILE, removeIfThere, SAFE_FLAGS, writeAll } from './disk.ts';

const PIECE = 1024 * 1024;

/**
 * Answers the handle of the new file, whose name the caller has still to make durable. Rejects when the disk still does
 * not work; the old file is then still in place.
 */
export async function rewritePrefix(
  open: OpenFile,
  path: string,
  old: FileHandle,
  length: number,
): Promise<FileHandle> {
  const temp = `${path}.tmp`;
  await removeIfThere(temp);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE_FLAGS;
  const fresh = await open(temp, flags, PRIVATE_FILE);
  try {
    await copy(old, fresh, length);
    await fresh.sync();
    await rename(temp, path);
    return fresh;
  } catch (thrown) {
    await fresh.close().catch(() => {});
    await removeIfThere(temp).catch(() => false);
    throw thrown;
  }
}

async function copy(from: FileHandle, to: FileHandle, length: number): Promise<void> {
  let done = 0;
  while (done < length) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, length - done));
    const { bytesRead } = await from.read(piece, 0, piece.length, done);
    if (bytesRead === 0) throw new Error('The log is shorter than what it acknowledged');
    await writeAll(to, piece.subarray(0, bytesRead), done);
    done += bytesRead;
  }
}
