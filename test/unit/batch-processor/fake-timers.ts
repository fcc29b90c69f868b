/** A clock that moves only when told, for `BatchProcessor`. */
import type { Timers } from '../../../bridge/batch-processor/timers.ts';

export type FakeTimers = Timers & { readonly armed: number; advance(ms: number): void };

export function createFakeTimers(): FakeTimers {
  let time = 0;
  const waiting = new Set<{ at: number; call: () => void }>();
  return {
    now: () => time,
    after(ms, call) {
      const entry = { at: time + ms, call };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    get armed() {
      return waiting.size;
    },
    advance(ms) {
      time += ms;
      for (const entry of [...waiting].filter(({ at }) => at <= time)) {
        waiting.delete(entry);
        entry.call();
      }
    },
  };
}
