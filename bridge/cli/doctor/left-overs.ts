/** What earlier runs left: temporary files and damaged files put aside. Only counts and names them. */
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { toCount } from '../wording.ts';
import { type Check, ok, warning } from './check.ts';

export type LeftOvers = { count: number; examples: readonly string[] };

/** A file younger than this may be in use by a running daemon. */
const LIVE_MS = 10 * 60_000;
const MAX_ENTRIES = 20_000;
const TEMP = /(^\.pb-.*|\.json|\.log|\.bak|^\.probe|^reserve.*)\.tmp2?$/;

/** Temporary files in these folders, not below; `isRunning`: only those too old to be live. */
export async function findTempFiles(folders: readonly string[], isRunning: boolean): Promise<LeftOvers> {
  const examples: string[] = [];
  const before = Date.now() - (isRunning ? LIVE_MS : 0);
  for (const folder of folders) {
    for await (const name of namesOf(folder)) {
      if (!TEMP.test(name)) continue;
      const stats = await lstat(join(folder, name)).catch(() => null);
      if (stats?.isFile() && (!isRunning || stats.mtimeMs < before)) examples.push(join(folder, name));
    }
  }
  return { count: examples.length, examples: examples.slice(0, 3) };
}

export async function findQuarantined(dataDir: string): Promise<LeftOvers> {
  const examples: string[] = [];
  const folder = join(dataDir, 'quarantine');
  for await (const name of namesOf(folder)) {
    if (!name.endsWith('.reason.txt')) examples.push(join(folder, name));
  }
  return { count: examples.length, examples: examples.slice(0, 3) };
}

/** Folders of the state, and one folder of outputs a batch. */
export async function findWrittenFolders(dataDir: string, outputs: readonly string[]): Promise<string[]> {
  const state = ['', 'batch_states', 'batch_items', 'journal', 'output_records'].map((name) =>
    join(dataDir, name),
  );
  const own = join(dataDir, 'outputs');
  const batches: string[] = [];
  for await (const name of namesOf(own)) batches.push(join(own, name));
  return [...state, own, ...batches.slice(-1000), ...outputs];
}

async function* namesOf(folder: string): AsyncGenerator<string, void, void> {
  try {
    let count = 0;
    for await (const { name } of await opendir(folder)) {
      yield name;
      count += 1;
      if (count === MAX_ENTRIES) return;
    }
  } catch {
    // No such folder, or not a folder: nothing was left there.
  }
}

export function toTempCheck({ count, examples }: LeftOvers, isRunning: boolean): Check {
  const name = 'temporary files';
  if (count === 0) return ok(name, 'none left over');
  const remedy = isRunning
    ? 'They go at the next start of the daemon.'
    : 'They go by themselves when the daemon starts: photo-bridge serve';
  return warning(name, `${toCount(count, 'file')} left over: ${examples.join(', ')}`, remedy);
}

export function toQuarantineCheck({ count, examples }: LeftOvers): Check {
  const name = 'quarantine';
  if (count === 0) return ok(name, 'empty');
  return warning(
    name,
    `${toCount(count, 'damaged file')} put aside: ${examples.join(', ')}`,
    'Read the .reason.txt beside each; remove them when you need them no more.',
  );
}
