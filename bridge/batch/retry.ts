/** Which items a `retry-failed` is about. Changes nothing. */
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';

/**
 * Indices of the failed items, those of `codes` when given. Throws `unprocessable` when there is nothing to do. (A batch
 * that ended before it came to all of its items has something to do without one that failed.)
 */
export function itemsToRetry(
  batch: Batch,
  { codes, noun }: { codes: readonly string[] | undefined; noun: 'photos' | 'items' },
): number[] {
  const items: number[] = [];
  for (let index = 0; index < batch.items.total; index += 1) {
    if (batch.items.state(index) !== 'failed') continue;
    if (codes === undefined || codes.includes(batch.items.failureCode(index))) items.push(index);
  }
  const isAnyLeft = codes === undefined && batch.items.settledCount < batch.items.total;
  if (items.length === 0 && !isAnyLeft)
    throw new BridgeError('unprocessable', noneToRetry(batch, codes, noun.slice(0, -1)));
  return items;
}

function noneToRetry(batch: Batch, codes: readonly string[] | undefined, noun: string): string {
  const found = Object.keys(batch.items.failureCounts()).join(', ') || 'none';
  return codes === undefined
    ? `no ${noun} of this batch failed`
    : `no ${noun} of this batch failed with ${codes.join(', ')} (codes there are: ${found})`;
}
