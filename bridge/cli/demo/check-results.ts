/** Holds the results folder against what the daemon says it did. It trusts only the files. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BatchStatusObject, ItemResult } from '../../client/index.ts';

export type Stamp = { path: string; size: number; mtimeMs: number };
export type Evidence = {
  batch: BatchStatusObject;
  items: readonly ItemResult[];
  folder: string;
  /** Of every source before the batch began. */
  sources: readonly Stamp[];
};

/** Sentences about everything that is not as promised; empty when all is. */
export async function checkResults({ batch, items, folder, sources }: Evidence): Promise<string[]> {
  const outputs = items.flatMap((item) => (item.status === 'processed' && item.output ? [item.output] : []));
  const faults = [...checkCounts(batch, items), ...checkNames(outputs, folder, await readdir(folder))];
  for (const output of outputs) {
    const bytes = await readFile(output.path).catch(() => null);
    if (bytes === null) faults.push(`${output.path} is missing`);
    else if (bytes.length !== output.bytes || toHash(bytes) !== output.sha256) {
      faults.push(`${output.path} is not the file that was recorded`);
    }
  }
  for (const source of sources) {
    const now = await loadStamp(source.path);
    if (now.size !== source.size || now.mtimeMs !== source.mtimeMs) faults.push(`${source.path} was changed`);
  }
  return faults;
}

function checkCounts(batch: BatchStatusObject, items: readonly ItemResult[]): string[] {
  const faults: string[] = [];
  const processed = items.filter(({ status }) => status === 'processed' || status === 'skipped').length;
  const failed = items.filter(({ status }) => status === 'failed').length;
  if (batch.status !== 'completed') faults.push(`the batch is ${batch.status}, not completed`);
  if (new Set(items.map(({ photo_id }) => photo_id)).size !== batch.total_photos) {
    faults.push(`${items.length} results for ${batch.total_photos} photos`);
  }
  if (processed !== batch.processed_count || failed !== batch.failed_count) {
    faults.push(
      `counted ${batch.processed_count} and ${batch.failed_count}, listed ${processed} and ${failed}`,
    );
  }
  if (processed + failed !== batch.total_photos) {
    faults.push(`${processed} processed and ${failed} failed are not ${batch.total_photos}`);
  }
  return faults;
}

/** Each output once, and nothing else in the folder: no partial, temporary or second file. */
function checkNames(
  outputs: readonly { path: string }[],
  folder: string,
  found: readonly string[],
): string[] {
  const faults: string[] = [];
  const expected = new Set(outputs.map(({ path }) => basename(path)));
  if (expected.size !== outputs.length) faults.push('two photos have the same output');
  for (const { path } of outputs) if (dirname(path) !== folder) faults.push(`${path} is not in ${folder}`);
  for (const name of found) if (!expected.has(name)) faults.push(`${join(folder, name)} should not be there`);
  return faults;
}

function toHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function loadStamp(path: string): Promise<Stamp> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, mtimeMs };
}
