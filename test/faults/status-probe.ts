/** Asks a daemon for a batch's status without a pause, as an impatient editor would: says when it did not answer and how slow it was. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchStatusObject } from '../../bridge/client/index.ts';
import type { TestDaemon } from '../helpers/daemon.ts';

const PAUSE_MS = 10;
const PATIENCE_MS = 10_000;

export type StatusProbe = {
  /** The slowest answer so far, milliseconds; and how many there were. */
  readonly worstMs: number;
  readonly answers: number;
  /** The newest answer. */
  readonly status: BatchStatusObject | null;
  /** Why the daemon did not answer; empty as long as it always did. */
  readonly silences: readonly string[];
  /** Resolves with the first status from now on that fits, or null when asking was stopped. */
  next(fits: (status: BatchStatusObject) => boolean): Promise<BatchStatusObject | null>;
  /** To be called before the daemon is killed on purpose. */
  stop(): Promise<void>;
};

export function probeStatus(daemon: TestDaemon, batchId: string): StatusProbe {
  const silences: string[] = [];
  const waiters = new Set<(status: BatchStatusObject | null) => void>();
  let open = true;
  let worstMs = 0;
  let answers = 0;
  let status: BatchStatusObject | null = null;
  async function ask(): Promise<void> {
    while (open) {
      const began = performance.now();
      try {
        status = await daemon.client.batches.status(
          batchId,
          {},
          { signal: AbortSignal.timeout(PATIENCE_MS) },
        );
        answers += 1;
        worstMs = Math.max(worstMs, performance.now() - began);
        for (const waiter of waiters) waiter(status);
      } catch (error) {
        if (open) silences.push(`no status from process ${daemon.pid}: ${String(error)}`);
        if (silences.length > 3) break;
      }
      await delay(PAUSE_MS);
    }
    for (const waiter of waiters) waiter(null);
  }
  const asking = ask();
  return {
    get worstMs() {
      return Math.round(worstMs);
    },
    get answers() {
      return answers;
    },
    get status() {
      return status;
    },
    silences,
    next: (fits) =>
      new Promise((resolve) => {
        const waiter = (seen: BatchStatusObject | null) => {
          if (seen !== null && !fits(seen)) return;
          waiters.delete(waiter);
          resolve(seen);
        };
        waiters.add(waiter);
        if (!open) waiter(null);
      }),
    async stop() {
      open = false;
      await asking;
    },
  };
}
