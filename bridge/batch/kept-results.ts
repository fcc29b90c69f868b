/**
 * Brings back what only a batch's item log still knows: a state file older than the log had to be used, and the journal
 * between the two is gone. Takes no result that could have been undone since, and writes nothing.
 */
import type { StoredResult } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import type { BatchStore } from './ports.ts';

const ITEMS_A_READ = 8192;

/** Answers how many results came back. */
export async function restoreResults(store: Pick<BatchStore, 'readResults'>, batch: Batch): Promise<number> {
  let restored = 0;
  for (let start = 0; start < batch.items.total; start += ITEMS_A_READ) {
    const open: number[] = [];
    for (let index = start; index < Math.min(start + ITEMS_A_READ, batch.items.total); index += 1) {
      if (!isFinal(batch.items.state(index))) open.push(index);
    }
    for (const [index, result] of await store.readResults(batch.id, open)) {
      if (!isFinal(result.s)) continue;
      settle(batch, index, result);
      restored += 1;
    }
  }
  return restored;
}

/** A failed item may have been opened again since; the other two never change. */
function isFinal(state: string): state is 'processed' | 'skipped' {
  return state === 'processed' || state === 'skipped';
}

function settle(batch: Batch, index: number, result: StoredResult): void {
  if (!isFinal(result.s)) return;
  batch.items.settle(index, result.s, result.a);
  batch.warningsCount += result.w?.length ?? 0;
}
