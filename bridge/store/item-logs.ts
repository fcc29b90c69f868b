/** The logs of one kind that batches keep of their items, a few of them open at a time. */
import { lstat } from 'node:fs/promises';
import type { AppendLogOptions } from './append-log.ts';
import { errorCode, removeIfThere, syncFolder, toDiskError } from './disk.ts';
import { ItemLog, type ItemRecord } from './item-log.ts';
import { OpenCache } from './open-cache.ts';
import { toBatchFile } from './snapshot.ts';

const MAX_OPEN = 16;

export type ItemLogs<T extends ItemRecord> = {
  append(batchId: string, records: readonly T[]): Promise<void>;
  read(batchId: string, items: readonly number[]): Promise<Map<number, T>>;
  remove(batchId: string): Promise<void>;
  close(): Promise<void>;
};

/** `kind` becomes part of the file names: `{batch_id}{kind}.log`, and `.idx` beside it. */
export function createItemLogs<T extends ItemRecord>(
  folder: string,
  { kind, onDamage }: { kind: '' | '.inputs'; onDamage: NonNullable<AppendLogOptions['onDamage']> },
): ItemLogs<T> {
  const toPaths = (batchId: string) => ({
    log: toBatchFile(folder, batchId, `${kind}.log`),
    index: toBatchFile(folder, batchId, `${kind}.idx`),
  });
  const cache = new OpenCache(MAX_OPEN, (batchId) => ItemLog.open<T>(toPaths(batchId), onDamage));
  return {
    append: async (batchId, records) => {
      if (records.length === 0) return;
      try {
        await cache.use(batchId, (log) => log.append(records));
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
      if (!(await isThere(paths.log)) && !(await isThere(paths.index))) return;
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
