/** Which items a `retry-failed` is about. Changes nothing. */
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';

/**
 * Indices of the failed items, those of `codes` when given. Throws `unprocessable` when there is nothing to do. (A batch
 * that ended before it came to all of its items has something to do without one that failed.)
 */
export function itemsToRetry(batch: Batch, codes: readonly string[] | undefined): number[] {
  const items: number[] = [];
  for (let index = 0; index < batch.items.total; index += 1) {
    if (batch.items.state(index) !== 'failed') continue;
    if (codes === undefined || codes.includes(batch.items.failureCode(index))) items.push(index);
  }
  const isAnyLeft = codes === undefined && batch.items.settledCount < batch.items.total;
  if (items.length === 0 && !isAnyLeft) throw new BridgeError('unprocessable', noneToRetry(batch, codes));
  return items;
}

function noneToRetry(batch: Batch, codes: readonly string[] | undefined): string {
  const found = Object.keys(batch.items.failureCounts()).join(', ') || 'none';
  return codes === undefined
    ? 'no photo of this batch failed'
    : `no photo of this batch failed with ${codes.join(', ')} (codes there are: ${found})`;
}
