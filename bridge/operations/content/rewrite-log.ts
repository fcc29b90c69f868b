/** Replaces the content store's log by one without what is out of date. Whole or not at all. */
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ContentLog, OpenContentLog } from './ports.ts';
import { parseEntry, type StoreEntry } from './store-entries.ts';
import type { StoreIndex } from './store-index.ts';

const CHUNK = 500;

/** Closes `log`. Rejects when the disk does not work; the old log is then still in place. */
export async function rewriteLog(given: {
  log: ContentLog;
  index: StoreIndex;
  openLog: OpenContentLog;
  path: string;
}): Promise<void> {
  const { log, index, openLog, path } = given;
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const target = await openLog(fresh, () => {});
  try {
    let waiting: StoreEntry[] = [];
    for await (const entry of liveEntries(log, index)) {
      waiting.push(entry);
      if (waiting.length < CHUNK) continue;
      await target.append(waiting);
      waiting = [];
    }
    if (waiting.length > 0) await target.append(waiting);
  } finally {
    await target.close();
    await log.close();
  }
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Records in the order of their places, so that the old log is read from front to back. */
async function* liveEntries(log: ContentLog, index: StoreIndex): AsyncGenerator<StoreEntry> {
  for (const offset of [...index.records.values()].sort((a, b) => a - b)) {
    const entry = parseEntry(await log.read(offset));
    if (entry !== null && 'record' in entry) yield { kind: 'record', record: entry.record };
  }
  for (const token of index.applied) yield { kind: 'applied', token };
  for (const job of index.jobs.values()) yield { kind: 'job', job };
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
}
