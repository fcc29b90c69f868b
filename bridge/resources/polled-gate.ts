/**
 * A gate over something that has to be looked at: looks now and then and when asked to, keeps what it found between looks.
 * Does not know what it looks at.
 */
import type { Hold } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Gate } from './gates.ts';

/** Why nothing may run, or null. */
export type GateFinding = Pick<Hold, 'owner' | 'reason' | 'until'> | null;
export type PolledGate = Gate & {
  /** Looks now, besides the timer. Never rejects; a look that fails changes nothing. */
  review(): Promise<void>;
  close(): void;
};
export type PolledGateParts = {
  look: () => GateFinding | Promise<GateFinding>;
  /** Milliseconds until the next look. */
  waitMs: () => number;
  /** ISO-8601 UTC. */
  iso: () => string;
  log: Log;
};

/** Looks at once; `review()` tells when that is done. */
export function createPolledGate({ look, waitMs, iso, log }: PolledGateParts): PolledGate {
  const listeners = new Set<() => void>();
  let hold: Gate['hold'] = null;
  let tail: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function take(found: GateFinding): void {
    if (isClosed || (found === null && hold === null)) return;
    if (found !== null && found.reason === hold?.reason && found.until === hold.until) return;
    if (found === null) log.info({ owner: hold?.owner }, 'hold on all batches lifted');
    else if (hold === null) log.warn({ ...found }, 'all batches held');
    hold = found === null ? null : { ...found, since: hold?.since ?? iso() };
    for (const listener of listeners) listener();
  }
  function wait(): void {
    if (isClosed) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void review(), waitMs());
    timer.unref();
  }
  async function lookOnce(): Promise<void> {
    if (isClosed) return;
    try {
      take(await look());
    } catch (thrown) {
      log.warn({ error: toError(thrown).message }, 'a reason to hold all batches could not be looked at');
    }
  }
  /** After a look that is under way, which may have seen what was before. */
  function review(): Promise<void> {
    tail = tail.then(lookOnce).then(wait);
    return tail;
  }
  void review();
  return {
    get hold() {
      return hold;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    review,
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
