/**
 * Output folders as the engine sees them: are they there, which outputs are ours, what temp links are left. Removes
 * nothing but our own `.pb-*.tmp` files and never writes a photo (the render threads do).
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OutputFiles } from '../batch/ports.ts';
import type { Failure } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { CREATE_NEW, createFolder, errorCode, removeIfThere, SAFE_FLAGS, syncFolder } from './disk.ts';
import { createFolderSync } from './folder-sync.ts';
import { createMountMemory, type MountMemory } from './mount-memory.ts';
import { createOutputRecords } from './output-records.ts';

const TEMP_NAME = /^\.pb-[^/\\]+\.tmp$/;
/** Also the second link that a replacement makes. */
const LEFT_OVER = /^\.pb-[^/\\]+\.tmp2?$/;
const PIECE = 1024 * 1024;

export type OutputFilesOptions = {
  dataDir: string;
  log: Log;
  /** Seam for tests: how a folder is synced. */
  sync?: (folder: string) => Promise<void>;
};
export type OutputFilesParts = { files: OutputFiles; close(): Promise<void> };

export function createOutputFiles({ dataDir, log, sync }: OutputFilesOptions): OutputFilesParts {
  const recordsFolder = join(dataDir, 'output_records');
  const mounts = createMountMemory(join(recordsFolder, 'mounts.log'));
  const records = createOutputRecords(recordsFolder, log);
  const folders = createFolderSync(sync ?? syncFolder);
  return {
    files: {
      prepareFolder: (folder) => prepareFolder(resolve(folder), mounts, log),
      exists,
      syncFolder: (folder) => folders.sync(folder),
      dropTemp: async (folder, tempName) => {
        if (TEMP_NAME.test(tempName)) await removeIfThere(join(folder, tempName));
      },
      adopt,
      takeBack,
      sweep,
      readRecord: (folder, name) => records.read(folder, name),
      saveRecord: (folder, name, record) => records.save(folder, name, record),
    },
    close: async () => {
      await records.close();
      await mounts.close();
    },
  };
}

async function prepareFolder(folder: string, mounts: MountMemory, log: Log): Promise<Failure | null> {
  try {
    if (!(await mounts.isMounted(folder)))
      return toFailure('output_not_writable', `The drive of the output folder is not there: ${folder}`);
    await createFolder(folder);
    await probe(folder);
  } catch (thrown) {
    const code = errorCode(thrown);
    const message = `The output folder cannot be written to (${code || toError(thrown).message}): ${folder}`;
    return toFailure(code === 'ENOSPC' || code === 'EDQUOT' ? 'output_full' : 'output_not_writable', message);
  }
  await mounts.remember(folder).catch((thrown: unknown) => {
    log.warn({ err: thrown, folder }, 'The drive of an output folder could not be noted');
  });
  return null;
}

function toFailure(code: Failure['code'], message: string): Failure {
  return { code, message, stage: 'write', retryable: true };
}

/** The only answer that holds for rights, read-only mounts, quotas and full inode tables alike. */
async function probe(folder: string): Promise<void> {
  const path = join(folder, `.pb-probe-${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(path, CREATE_NEW | SAFE_FLAGS);
  await handle.close();
  await removeIfThere(path);
}

/** A dangling link is something that is there: writing to its name must not happen. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return false;
    throw thrown;
  }
}

async function adopt(
  folder: string,
  name: string,
  tempName: string,
): Promise<{ bytes: number; sha256: string } | null> {
  return (await isSameFile(folder, name, tempName)) ? hashFile(join(folder, name)) : null;
}

async function takeBack(folder: string, name: string, tempName: string): Promise<void> {
  if (!TEMP_NAME.test(tempName)) return;
  if (await isSameFile(folder, name, tempName)) await removeIfThere(join(folder, name));
  await removeIfThere(join(folder, tempName));
}

async function isSameFile(folder: string, name: string, tempName: string): Promise<boolean> {
  const final = await identity(join(folder, name));
  return final !== null && final === (await identity(join(folder, tempName)));
}

/** Device and inode of a regular file (as integers of any size: file numbers exceed 2^53 on some systems). */
async function identity(path: string): Promise<string | null> {
  try {
    const stat = await lstat(path, { bigint: true });
    return stat.isFile() ? `${stat.dev}:${stat.ino}` : null;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return null;
    throw thrown;
  }
}

async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(path, constants.O_RDONLY | SAFE_FLAGS);
  try {
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE);
    let bytes = 0;
    while (true) {
      const { bytesRead } = await handle.read(piece, 0, PIECE, bytes);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

async function sweep(folder: string, batchId: string): Promise<number> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return 0;
    throw thrown;
  }
  let swept = 0;
  for (const name of names) {
    if (!LEFT_OVER.test(name)) continue;
    if (name.startsWith(`.pb-${batchId}-`)) swept += (await removeIfThere(join(folder, name))) ? 1 : 0;
    else if (name.startsWith('.pb-probe-')) await removeIfThere(join(folder, name));
  }
  return swept;
}
