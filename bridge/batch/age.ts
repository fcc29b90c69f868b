/** How long ago a moment of the wall clock was, when that clock may have jumped. Pure. */
import type { Clock, ClockHistory, ClockJump } from './ports.ts';

/**
 * Milliseconds of `since`..`now` (both wall time) that the clock really went through: what it jumped over is left out.
 * Never negative, and never more than the time that has really passed: to come from `since` to `now` the clock either ran
 * through each moment between them or jumped over it.
 */
export function toAgeMs(since: number, now: number, jumps: readonly ClockJump[]): number {
  if (!(since < now)) return 0;
  let age = now - since;
  let covered = since;
  for (const jump of jumps.toSorted((a, b) => a.from - b.from)) {
    const from = Math.max(jump.from, covered);
    const to = Math.min(jump.to, now);
    if (to <= from) continue;
    age -= to - from;
    covered = to;
  }
  return age;
}

/** Answers how old a moment (wall ms) is; all ages that one answer gives are of the same now. */
export type Ages = () => (since: number) => number;

export function createAges(clock: Pick<Clock, 'wallMs'>, history: ClockHistory): Ages {
  return () => {
    const jumps = history.jumps();
    const now = clock.wallMs();
    return (since) => toAgeMs(since, now, jumps);
  };
}
