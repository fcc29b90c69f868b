/** The signal that ends a waiting request early: the client is gone, or the server closes. */
import type { Context } from 'hono';
import type { AppEnv } from './services.ts';

/** Gives `wait` that signal for as long as it runs, and leaves no listener behind. */
export async function withWaitSignal<T>(
  c: Context<AppEnv>,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const sources = [c.req.raw.signal, c.env?.closing].filter((signal) => signal !== undefined);
  for (const source of sources) {
    if (source.aborted) abort();
    source.addEventListener('abort', abort, { once: true });
  }
  try {
    return await wait(controller.signal);
  } finally {
    for (const source of sources) source.removeEventListener('abort', abort);
  }
}
