/** Follows a batch of an embedded engine to its end; a stop pauses it, and what is in hand finishes. Starts nothing. */
import type { BatchApi } from '../batch/api.ts';
import type { BatchStatusObject } from '../contract/index.ts';

const LOOK_EVERY_MS = 1000;

/** `onProgress`: told of each status as it is seen, the last one included. */
type Follow = { signal?: AbortSignal | undefined; onProgress?: (status: BatchStatusObject) => void };

/** Resolves when all is settled, or, once `signal` asked to stop, when nothing is under way. */
export async function followBatch(
  api: BatchApi,
  batchId: string,
  { signal, onProgress }: Follow,
): Promise<BatchStatusObject> {
  const pause = (): void => {
    // It may have come to its end meanwhile.
    void api.pause(batchId, { mode: 'soft' }).catch(() => undefined);
  };
  // What the engine waits with keeps no process alive.
  const awake = setInterval(() => undefined, LOOK_EVERY_MS);
  try {
    if (signal?.aborted) pause();
    else signal?.addEventListener('abort', pause, { once: true });
    let status = api.status(batchId);
    for (onProgress?.(status); isUnderWay(status); onProgress?.(status)) {
      status = await api.waitForChange(batchId, status.seq, LOOK_EVERY_MS);
    }
    return status;
  } finally {
    clearInterval(awake);
    signal?.removeEventListener('abort', pause);
  }
}

function isUnderWay({ status, in_flight_count }: BatchStatusObject): boolean {
  return status === 'running' || status === 'pending' || (status === 'paused' && in_flight_count > 0);
}
