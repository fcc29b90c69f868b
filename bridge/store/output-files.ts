/** Output and source folders as the engine sees them, put together from their parts. Owns no rule of its own. */
import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { OutputFiles, OutputRecord, SourceFolders } from '../batch/output-ports.ts';
import type { Log } from '../log.ts';
import { errorCode, syncFolder } from './disk.ts';
import { createFolderSync } from './folder-sync.ts';
import { createFreeSpace, type FreeSpace } from './free-space.ts';
import { createMountMemory } from './mount-memory.ts';
import { createOutputFolders } from './output-folder.ts';
import { createOutputRecords, type OutputRecords } from './output-records.ts';
import { adopt, dropTemp, isSameFile, sweep, takeBack } from './own-outputs.ts';
import { createRoom } from './room.ts';
import { createSourceFolders } from './source-folders.ts';

export type OutputFilesOptions = {
  dataDir: string;
  log: Log;
  /** Seam for tests: how a folder is synced. */
  sync?: (folder: string) => Promise<void>;
  /** Which volumes are too full; absent: those with less room than the default of the setting. */
  space?: FreeSpace;
};
export type OutputFilesParts = { files: OutputFiles; sources: SourceFolders; close(): Promise<void> };

export function createOutputFiles(options: OutputFilesOptions): OutputFilesParts {
  const { dataDir, log, sync, space = createFreeSpace() } = options;
  const recordsFolder = join(dataDir, 'output_records');
  const mounts = createMountMemory(join(recordsFolder, 'mounts.log'));
  const records = createOutputRecords(recordsFolder, log);
  const synced = createFolderSync(sync ?? syncFolder);
  const room = createRoom();
  const folders = createOutputFolders({ mounts, room, space, log });
  return {
    files: {
      prepareFolder: (folder, stage = 'new') => folders.prepare(resolve(folder), stage),
      placeOf: (folder) => folders.placeOf(resolve(folder)),
      lowSpace: (folder) => folders.lowSpace(resolve(folder)),
      noteFull: (folder) => room.noteFull(resolve(folder)),
      exists,
      syncFolder: (folder) => synced.sync(folder),
      dropTemp,
      adopt,
      takeBack,
      sweep,
      readRecord: (folder, name) => readRecord(records, folder, name),
      saveRecord: (folder, name, record) => records.save(folder, name, record),
    },
    sources: createSourceFolders(mounts, log),
    close: async () => {
      await records.close();
      await mounts.close();
    },
  };
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

/** Where upper and lower case name the same file, the latest record of any of its names is the one of the file. */
async function readRecord(
  records: OutputRecords,
  folder: string,
  name: string,
): Promise<OutputRecord | null> {
  const latest = await records.readAnyCase(folder, name);
  const isOfTheFile =
    latest !== null && (latest.name === name || (await isOtherSpelling(folder, name, latest.name)));
  return isOfTheFile ? latest.record : records.read(folder, name);
}

/** File numbers do not tell on user space file systems, which give each spelling its own; the folder's list does. */
async function isOtherSpelling(folder: string, name: string, known: string): Promise<boolean> {
  if (await isSameFile(join(folder, name), join(folder, known))) return true;
  return (await exists(join(folder, name))) && !(await readdir(folder)).includes(name);
}
