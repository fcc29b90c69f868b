/** Lets several callers wait for the same piece of work, which is stopped when the last of them has left. */

type Work<T> = { result: Promise<T>; stop: AbortController; waiting: number };
export type SharedWork<T> = {
  /** Starts the work, or joins it when it runs under this name. Rejects with the signal's reason when it aborts. */
  join(name: string, signal: AbortSignal | undefined, work: (stop: AbortSignal) => Promise<T>): Promise<T>;
};

export function createSharedWork<T>(): SharedWork<T> {
  const running = new Map<string, Work<T>>();

  function start(name: string, run: (stop: AbortSignal) => Promise<T>): Work<T> {
    const stop = new AbortController();
    const entry: Work<T> = { stop, waiting: 0, result: run(stop.signal) };
    const forget = () => {
      if (running.get(name) === entry) running.delete(name);
    };
    entry.result.then(forget, forget);
    running.set(name, entry);
    return entry;
  }
  return {
    async join(name, signal, work) {
      signal?.throwIfAborted();
      const entry = running.get(name) ?? start(name, work);
      entry.waiting += 1;
      const { promise: left, reject } = Promise.withResolvers<never>();
      const leave = () => reject(signal?.reason);
      signal?.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([entry.result, left]);
      } finally {
        signal?.removeEventListener('abort', leave);
        entry.waiting -= 1;
        if (entry.waiting === 0) {
          entry.stop.abort();
          if (running.get(name) === entry) running.delete(name);
        }
      }
    },
  };
}
