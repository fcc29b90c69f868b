/** How long a task may take. Pure, but for the one timer it holds. */
import type { Settings } from '../contract/settings.ts';

export type DeadlineSettings = Pick<Settings['executor'], 'deadline_base_s' | 'deadline_s_per_megapixel'>;

/** Milliseconds for a photo; `megapixels` unknown (null): reading and its header must fit into the base alone. */
export function deadlineMs(settings: DeadlineSettings, megapixels: number | null): number {
  return (settings.deadline_base_s + settings.deadline_s_per_megapixel * (megapixels ?? 0)) * 1000;
}

export type Deadline = {
  /** From now on the photo's own size counts, and `extraSeconds` for another program, from the same beginning. */
  setSize(megapixels: number, extraSeconds?: number): void;
  clear(): void;
};

/** Time is counted in slices: of one that this process slept through (frozen, suspended), no more than its length. */
const SLICE_MS = 1000;
const LEAST_MS = 1;
const LATE_MS = 500;
/** After a sleep the outcome may wait in the channel, and timers come before it: so long, and so often, it is waited for. */
const GRACE_MS = 1000;
const GRACES = 5;

/**
 * Runs from now on a monotonic clock, while this process is awake; calls `onPassed` once. `pace`: how much of each moment
 * counts, 0..1; less than all while other programs have the machine.
 */
export function startDeadline(
  settings: DeadlineSettings,
  onPassed: () => void,
  pace: () => number = () => 1,
): Deadline {
  let limitMs = deadlineMs(settings, null);
  let spentMs = 0;
  let graces = GRACES;
  let slice = arm(limitMs);

  function arm(leftMs: number) {
    // At a low pace what is left takes longer; at least a moment, or ever smaller slices would never add up to it.
    const lengthMs = Math.min(Math.max(leftMs / pace(), LEAST_MS), SLICE_MS);
    return { lengthMs, began: performance.now(), timer: setTimeout(endSlice, lengthMs).unref() };
  }
  function endSlice(): void {
    const isLate = performance.now() - slice.began > slice.lengthMs + LATE_MS;
    spentMs += slice.lengthMs * pace();
    if (spentMs < limitMs) slice = arm(limitMs - spentMs);
    else if (isLate && graces > 0) {
      graces -= 1;
      slice = arm(GRACE_MS);
    } else onPassed();
  }
  return {
    setSize(megapixels, extraSeconds = 0) {
      clearTimeout(slice.timer);
      spentMs += Math.min(performance.now() - slice.began, slice.lengthMs) * pace();
      limitMs = deadlineMs(settings, megapixels) + extraSeconds * 1000;
      slice = arm(limitMs - spentMs);
    },
    clear: () => clearTimeout(slice.timer),
  };
}
