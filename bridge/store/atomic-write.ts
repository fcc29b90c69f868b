/** Replaces a file so that its name always shows the whole old or the whole new one. Knows nothing of its content. */
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  CREATE_NEW,
  errorCode,
  type OpenFile,
  openFile,
  PRIVATE_FILE,
  removeIfThere,
  SAFE_FLAGS,
  syncFolder,
  writeAll,
} from './disk.ts';

export const TEMP_SUFFIX = '.tmp';

export type AtomicWrite = {
  path: string;
  /** Pulled one by one with the event loop free in between. */
  pieces: Iterable<Buffer>;
  /** False: neither the file nor its folder is synced. */
  sync: boolean;
  /** The current file gets this name before it is replaced. */
  backup?: string | undefined;
  open?: OpenFile | undefined;
};

/** Writers of one path must not overlap. Rejects with the system's error; the old file is then still in place. */
export async function writeAtomically(write: AtomicWrite): Promise<void> {
  const temp = `${write.path}${TEMP_SUFFIX}`;
  await removeIfThere(temp);
  try {
    const handle = await (write.open ?? openFile)(temp, CREATE_NEW | SAFE_FLAGS, PRIVATE_FILE);
    await fill(handle, write);
    if (write.backup !== undefined) await keepBackup(write.path, write.backup);
    await rename(temp, write.path);
  } catch (thrown) {
    await removeIfThere(temp).catch(() => false);
    throw thrown;
  }
  if (write.sync) await syncFolder(dirname(write.path));
}

async function fill(handle: FileHandle, write: AtomicWrite): Promise<void> {
  try {
    let position = 0;
    for (const piece of write.pieces) {
      await writeAll(handle, piece, position);
      position += piece.length;
    }
    if (write.sync) await handle.sync();
  } finally {
    await handle.close();
  }
}

/** By a second link, so that the main name is never missing; where there are no links, by a copy. */
async function keepBackup(path: string, backup: string): Promise<void> {
  const temp = `${backup}${TEMP_SUFFIX}`;
  await removeIfThere(temp);
  try {
    await link(path, temp).catch(async (thrown: unknown) => {
      if (errorCode(thrown) === 'ENOENT') throw thrown;
      await copyFile(path, temp, constants.COPYFILE_EXCL);
    });
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return;
    throw thrown;
  }
  await rename(temp, backup);
  // Renaming one link of a file over another link of the same file does nothing and leaves both.
  await removeIfThere(temp);
}

/** A copy with bytes of its own, whole or not at all. Durable but for its name, which the next sync of the folder brings. */
export async function copyAtomically(from: string, to: string): Promise<void> {
  const temp = `${to}${TEMP_SUFFIX}`;
  await removeIfThere(temp);
  try {
    await copyFile(from, temp, constants.COPYFILE_EXCL);
    await syncFile(temp);
    await rename(temp, to);
  } catch (thrown) {
    await removeIfThere(temp).catch(() => false);
    throw thrown;
  }
}

/** Makes a file that others wrote durable. Missing is fine. */
export async function syncFile(path: string, open: OpenFile = openFile): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY | SAFE_FLAGS);
    await handle.sync().finally(() => handle.close());
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown;
  }
}
