/** The signal that ends a waiting request early: the client is gone, or the server closes. */
import type { Context } from 'hono';
import type { AppEnv } from './services.ts';

/** Dispose it when the wait is over, or the server's signal keeps its listener. */
export function toWaitSignal(c: Context<AppEnv>): { signal: AbortSignal; [Symbol.dispose](): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const sources = [c.req.raw.signal, c.env?.closing].filter((signal) => signal !== undefined);
  for (const source of sources) {
    if (source.aborted) abort();
    source.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const source of sources) source.removeEventListener('abort', abort);
    },
  };
}
