/**
 * Where outputs lie: results keep bare names in the batch's folder, and whole paths once a retry with another config
 * writes elsewhere. Looks at no disk.
 */
import { isAbsolute, join } from 'node:path';
import type { Batch } from './batch.ts';
import type { OperationRun, UnitResult } from './ports.ts';

/** The result as it is kept. */
export function toKeptResult(batch: Batch, run: OperationRun, result: UnitResult): UnitResult {
  const isElsewhere = batch.resultsFolder !== undefined && batch.resultsFolder !== run.folder;
  if (result.o === undefined || run.folder === null || !isElsewhere) return result;
  const [name, ...rest] = result.o;
  return { ...result, o: [join(run.folder, name), ...rest] };
}

/** `folder`: of bare names; null when unknown. */
export function toOutputPath(folder: string | null, kept: string): string {
  return folder === null || isAbsolute(kept) ? kept : join(folder, kept);
}
