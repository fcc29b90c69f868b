/** Waits for something others wait for too, and no longer than one's own signal lets. */

/** Rejects with the signal's reason as soon as it is aborted; what is waited for goes on. */
export async function orAborted<T>(wait: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return wait;
  const cut = Promise.withResolvers<never>();
  const abort = (): void => cut.reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([wait, cut.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    cut.promise.catch(() => undefined);
  }
}
