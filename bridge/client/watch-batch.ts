/** Follows one batch to its end with long polls of its status. It changes nothing. */
import type { BatchStatus, BatchStatusObject } from '../contract/index.ts';
import type { BatchesClient } from './batches.ts';
import { BridgeProblem } from './problem.ts';
import { createPause, toRetryDelayMs } from './wait.ts';

export type WatchOptions = {
  /** Ends the iterator without an error. */
  signal?: AbortSignal | undefined;
  /** How long a daemon that is away is tried again before BridgeProblem `unreachable` is thrown. Default 30 s. */
  patienceMs?: number | undefined;
  /** Least time between two statuses. Default 100 ms. */
  intervalMs?: number | undefined;
};

const terminal: ReadonlySet<BatchStatus> = new Set(['completed', 'failed', 'cancelled']);

export function isFinished(status: BatchStatusObject): boolean {
  return terminal.has(status.status);
}

/** The status now and after every change; the last one is terminal (unless `signal` ended it). */
export async function* createBatchWatch(
  batches: BatchesClient,
  batchId: string,
  options: WatchOptions = {},
): AsyncGenerator<BatchStatusObject, void, void> {
  const { signal, patienceMs = 30_000, intervalMs = 100 } = options;
  let last: BatchStatusObject | null = null;
  let lostAt: number | null = null;
  let failures = 0;
  while (!signal?.aborted) {
    try {
      const query: { wait_s?: number; since?: number } = last === null ? {} : { wait_s: 25, since: last.seq };
      const status: BatchStatusObject = await batches.status(batchId, query, { signal });
      lostAt = null;
      failures = 0;
      if (last === null || status.seq !== last.seq) yield status;
      last = status;
      if (isFinished(status)) return;
      await createPause(intervalMs, signal);
    } catch (error) {
      if (signal?.aborted) return;
      if (!isPassing(error)) throw error;
      lostAt ??= performance.now();
      // Never seen at all: the caller has the wrong address, waiting would only hide it.
      if (last === null || performance.now() - lostAt > patienceMs) throw error;
      await createPause(toRetryDelayMs(failures++), signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof BridgeProblem && (error.status === 0 || error.status === 503);
}
