import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDeadline } from '../../../bridge/executor/deadline.ts';

/** A daemon that sleeps: time goes on, and no timer fires until it wakes. */
function sleep(ms: number): void {
  const now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => now + ms + (realNow() - now));
}
let realNow = () => 0;

describe('a deadline of a daemon that was frozen', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    realNow = performance.now.bind(performance);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('counts at most a second of the sleep', () => {
    const passed = vi.fn();
    const settings = { deadline_base_s: 10, deadline_s_per_megapixel: 0 };
    startDeadline(settings, passed);
    vi.advanceTimersByTime(2_500);
    sleep(3_600_000);
    vi.advanceTimersByTime(7_400);
    expect(passed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('that would have passed while it slept waits a moment for an outcome that is on its way', () => {
    const passed = vi.fn();
    const settings = { deadline_base_s: 0.5, deadline_s_per_megapixel: 0 };
    const deadline = startDeadline(settings, passed);
    sleep(5000);
    vi.advanceTimersByTime(500);
    expect(passed).not.toHaveBeenCalled();
    deadline.clear();
    vi.advanceTimersByTime(100_000);
    expect(passed).not.toHaveBeenCalled();
  });

  it('passes after that moment when no outcome came', () => {
    const passed = vi.fn();
    startDeadline({ deadline_base_s: 0.5, deadline_s_per_megapixel: 0 }, passed);
    sleep(5000);
    vi.advanceTimersByTime(1_501);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('passes in the end also in a daemon that sleeps again and again', () => {
    const passed = vi.fn();
    startDeadline({ deadline_base_s: 2, deadline_s_per_megapixel: 0 }, passed);
    for (let time = 1; time <= 20 && passed.mock.calls.length === 0; time += 1) {
      sleep(10_000);
      vi.advanceTimersByTime(1000);
    }
    expect(passed).toHaveBeenCalledTimes(1);
  });
});
