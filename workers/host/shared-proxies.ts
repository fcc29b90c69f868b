/** Keeps the newest proxies for the threads, within a bound on their bytes. Decodes nothing. */
import type { Task } from '../../bridge/contract/host-messages.ts';
import type { PhotoProxy } from '../pipeline/photo-proxy.ts';

/** A dozen at 2048 pixels, or fifty at 1024. */
const MAX_BYTES = 96 * 1024 * 1024;

export type SharedProxies = {
  /** Null when the task wants none, or there is none yet. */
  find(task: Task): PhotoProxy | null;
  keep(task: Task, proxy: PhotoProxy): void;
};

export function createSharedProxies(maxBytes: number = MAX_BYTES): SharedProxies {
  const proxies = new Map<string, PhotoProxy>();
  let bytes = 0;
  const drop = (key: string): void => {
    bytes -= proxies.get(key)?.pixels.data.byteLength ?? 0;
    proxies.delete(key);
  };
  return {
    find(task) {
      const key = keyOf(task);
      const proxy = key === null ? undefined : proxies.get(key);
      if (key === null || proxy === undefined) return null;
      proxies.delete(key);
      proxies.set(key, proxy);
      return proxy;
    },
    keep(task, proxy) {
      const key = keyOf(task);
      if (key === null) return;
      drop(key);
      proxies.set(key, proxy);
      bytes += proxy.pixels.data.byteLength;
      for (const oldest of proxies.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}

/** The file, its state and the size; null where every task reads the file anew. */
function keyOf(task: Task): string | null {
  if (task.kind !== 'proof' || task.source.state === undefined) return null;
  return `${task.long_edge} ${task.source.state} ${task.source.path}`;
}
