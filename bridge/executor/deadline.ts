/** How long a task may take. Pure, but for the one timer it holds. */
import type { Settings } from '../contract/settings.ts';

export type DeadlineSettings = Pick<Settings['executor'], 'deadline_base_s' | 'deadline_s_per_megapixel'>;

/** Milliseconds for a photo; `megapixels` unknown (null): reading and its header must fit into the base alone. */
export function deadlineMs(settings: DeadlineSettings, megapixels: number | null): number {
  return (settings.deadline_base_s + settings.deadline_s_per_megapixel * (megapixels ?? 0)) * 1000;
}

export type Deadline = {
  /** From now on the photo's own size counts, from the same beginning. */
  setSize(megapixels: number): void;
  clear(): void;
};

/** Runs from now on a monotonic clock; calls `onPassed` once. */
export function startDeadline(settings: DeadlineSettings, onPassed: () => void): Deadline {
  const began = performance.now();
  let timer = arm(null);
  function arm(megapixels: number | null): NodeJS.Timeout {
    const left = deadlineMs(settings, megapixels) - (performance.now() - began);
    // Node's timers take no more than 2^31 - 1 ms.
    return setTimeout(onPassed, Math.min(Math.max(left, 0), 2 ** 31 - 1)).unref();
  }
  return {
    setSize(megapixels) {
      clearTimeout(timer);
      timer = arm(megapixels);
    },
    clear: () => clearTimeout(timer),
  };
}
