/** A clock that a test sets: all of it stands still in between. */
import type { Clock } from '../../bridge/batch/ports.ts';

export type SetClock = Clock & {
  /** To this time of the wall clock; the monotonic one goes on by as much. */
  set(time: string): void;
  advance(ms: number): void;
};

export function createSetClock(start: string): SetClock {
  let now = Date.parse(start);
  let monotonic = 0;
  const advance = (ms: number): void => {
    now += ms;
    monotonic += Math.max(0, ms);
  };
  return {
    iso: () => new Date(now).toISOString(),
    wallMs: () => now,
    monotonicMs: () => monotonic,
    set: (time) => advance(Date.parse(time) - now),
    advance,
  };
}
