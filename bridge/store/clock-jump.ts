/** Tells a jump of the wall clock from time that passed. Pure. */
import type { ClockJump } from '../batch/ports.ts';

/** One look at the clocks. `awakeMs` only grows at the rate of time, sleep included, from the system's start `boot` on. */
export type ClockReading = { wallMs: number; awakeMs: number; boot: string | null };

/** Less is a correction: time zones do not move the clock, daylight saving neither. */
const LEAST_MS = 3_600_000;
/** Over a restart of the machine nothing measures the time in between: a gap that long is taken for a jump. */
const LONGEST_GAP_MS = 30 * 86_400_000;

/** Between a reading that is known to be right and a later one of the same run. */
export function jumpWithinRun(anchor: ClockReading, now: ClockReading): ClockJump | null {
  const expected = anchor.wallMs + (now.awakeMs - anchor.awakeMs);
  return now.wallMs - expected > LEAST_MS ? { from: expected, to: now.wallMs } : null;
}

/** Once the clock was set back, setting it forward again is a jump too. */
export function lowerAnchor(anchor: ClockReading, now: ClockReading): ClockReading {
  return now.wallMs - now.awakeMs < anchor.wallMs - anchor.awakeMs ? now : anchor;
}

/** Between the last reading of an earlier run and the first of this one. */
export function jumpBetweenRuns(last: ClockReading, now: ClockReading): ClockJump | null {
  const isSameBoot = last.boot !== null && last.boot === now.boot && now.awakeMs >= last.awakeMs;
  if (isSameBoot) return jumpWithinRun(last, now);
  return now.wallMs - last.wallMs > LONGEST_GAP_MS ? { from: last.wallMs, to: now.wallMs } : null;
}
