/** The item logs of all batches, a few of them open at a time. */
import { lstat } from 'node:fs/promises';
import type { StoredResult } from '../contract/index.ts';
import type { AppendLogOptions } from './append-log.ts';
import { errorCode, removeIfThere, syncFolder, toDiskError } from './disk.ts';
import { ItemLog } from './item-log.ts';
import { OpenCache } from './open-cache.ts';
import { toBatchFile } from './snapshot.ts';

const MAX_OPEN = 16;

export type ItemLogs = {
  append(batchId: string, results: readonly StoredResult[]): Promise<void>;
  read(batchId: string, items: readonly number[]): Promise<Map<number, StoredResult>>;
  remove(batchId: string): Promise<void>;
  close(): Promise<void>;
};

export function createItemLogs(
  folder: string,
  onDamage: NonNullable<AppendLogOptions['onDamage']>,
): ItemLogs {
  const toPaths = (batchId: string) => ({
    log: toBatchFile(folder, batchId, '.log'),
    index: toBatchFile(folder, batchId, '.idx'),
  });
  const cache = new OpenCache(MAX_OPEN, (batchId) => ItemLog.open(toPaths(batchId), onDamage));
  return {
    append: async (batchId, results) => {
      if (results.length === 0) return;
      try {
        await cache.use(batchId, (log) => log.append(results));
      } catch (thrown) {
        throw toDiskError(thrown);
      }
    },
    read: async (batchId, items) => {
      if (items.length === 0 || !(await isThere(toPaths(batchId).log))) return new Map();
      return cache.use(batchId, (log) => log.read(items));
    },
    remove: async (batchId) => {
      await cache.drop(batchId);
      const paths = toPaths(batchId);
      await removeIfThere(paths.index);
      await removeIfThere(paths.log);
      await syncFolder(folder);
    },
    close: () => cache.close(),
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}
