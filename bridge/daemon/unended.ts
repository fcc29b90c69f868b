/** The batches of one operation that have not ended, as the engine lists them. Asks only. */
import type { BatchApi } from '../batch/api.ts';
import type { OperationName } from '../contract/index.ts';

const PAGE = 1000;

export function* unendedBatches(
  api: Pick<BatchApi, 'list'>,
  operation: OperationName,
): Generator<{ id: string; total: number }> {
  for (const status of ['pending', 'running', 'paused'] as const) {
    let cursor: string | undefined;
    do {
      const page = api.list({ status, limit: PAGE, cursor });
      for (const batch of page.batches)
        if (batch.operation === operation) yield { id: batch.batch_id, total: batch.total_photos };
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }
}
