import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadlineMs, startDeadline } from '../../../bridge/executor/deadline.ts';

const settings = { deadline_base_s: 10, deadline_s_per_megapixel: 2 };

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is the base until the size is known, and grows with it', () => {
    expect(deadlineMs(settings, null)).toBe(10_000);
    expect(deadlineMs(settings, 24)).toBe(58_000);
  });

  it('passes once, counted from its start even when the size comes late', () => {
    const passed = vi.fn();
    const deadline = startDeadline(settings, passed);
    vi.advanceTimersByTime(9_000);
    deadline.setSize(5);
    vi.advanceTimersByTime(10_999);
    expect(passed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('is longer by what another program may take beside the photo', () => {
    const passed = vi.fn();
    const deadline = startDeadline(settings, passed);
    deadline.setSize(5, 30);
    vi.advanceTimersByTime(49_999);
    expect(passed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('counts as much of the time as its pace says, whenever that changes', () => {
    const passed = vi.fn();
    let pace = 1;
    startDeadline(settings, passed, () => pace);
    vi.advanceTimersByTime(5_000);
    pace = 1 / 20;
    vi.advanceTimersByTime(60_000);
    expect(passed).not.toHaveBeenCalled();
    pace = 1;
    vi.advanceTimersByTime(2_500);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('passes at a low pace too, only later by as much', () => {
    const passed = vi.fn();
    startDeadline(settings, passed, () => 1 / 20);
    vi.advanceTimersByTime(199_000);
    expect(passed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_100);
    expect(passed).toHaveBeenCalledTimes(1);
  });

  it('never passes once cleared', () => {
    const passed = vi.fn();
    startDeadline(settings, passed).clear();
    vi.advanceTimersByTime(100_000);
    expect(passed).not.toHaveBeenCalled();
  });
});
