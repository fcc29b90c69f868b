/** Waiting that ends early when its signal aborts. */

/** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
export function createPause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** 250 ms, doubled with each failure in a row up to 5 s. */
export function toRetryDelayMs(failures: number): number {
  return Math.min(250 * 2 ** Math.min(failures, 10), 5000);
}
