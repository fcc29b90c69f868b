/** Listens to a daemon's `limit_changed` events, with the moment each one came. */

export type LimitChange = { atMs: number; limit: number; state: string };
export type LimitWatch = {
  readonly changes: readonly LimitChange[];
  /** Resolves with the moment of the first change since `fromMs` that is wanted; null when none comes in time. */
  wait(fromMs: number, wanted: (change: LimitChange) => boolean, timeoutMs: number): Promise<number | null>;
  close(): void;
};

export async function watchLimit(port: number): Promise<LimitWatch> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('no WebSocket')));
  });
  const changes: LimitChange[] = [];
  const listeners = new Set<() => void>();
  socket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as { type: string; limit: number; state: string };
    if (event.type !== 'limit_changed') return;
    changes.push({ atMs: performance.now(), limit: event.limit, state: event.state });
    for (const listener of listeners) listener();
  });
  socket.send(JSON.stringify({ type: 'subscribe', channels: ['system'] }));
  return {
    changes,
    wait: (fromMs, wanted, timeoutMs) =>
      new Promise((resolve) => {
        const end = (at: number | null): void => {
          listeners.delete(look);
          clearTimeout(timer);
          resolve(at);
        };
        const look = (): void => {
          const found = changes.find((change) => change.atMs >= fromMs && wanted(change));
          if (found !== undefined) end(found.atMs);
        };
        const timer = setTimeout(() => end(null), timeoutMs);
        listeners.add(look);
        look();
      }),
    close: () => socket.close(),
  };
}
