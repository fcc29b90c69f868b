import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../../bridge/batch/rate.ts';
import { progressPercent } from '../../../bridge/batch/status.ts';

describe('the rate', () => {
  it('says nothing until it is worth something', () => {
    const rate = new RateMeter();
    rate.resume(0);
    rate.settled(100);
    rate.settled(200);
    expect(rate.perMinute(200)).toBeNull();
    rate.settled(300);
    expect(rate.perMinute(400)).toBeNull();
    expect(rate.perMinute(1500)).not.toBeNull();
  });

  it('leaves paused time out', () => {
    const rate = new RateMeter();
    rate.resume(0);
    for (let at = 500; at <= 5000; at += 500) rate.settled(at);
    rate.pause(5000);
    rate.resume(1_000_000);
    rate.settled(1_000_500);
    expect(rate.perMinute(1_000_500)).toBeCloseTo(120, 5);
  });

  it('sinks while nothing settles', () => {
    const rate = new RateMeter();
    rate.resume(0);
    for (let at = 100; at <= 2000; at += 100) rate.settled(at);
    const before = rate.perMinute(2100) ?? 0;
    expect(rate.perMinute(60_000) ?? 0).toBeLessThan(before / 10);
  });
});

describe('the progress in percent', () => {
  it('has one decimal and is 100 only when all are settled', () => {
    expect(progressPercent(3, 5)).toBe(60);
    expect(progressPercent(1, 3)).toBe(33.3);
    expect(progressPercent(99_999, 100_000)).toBe(99.9);
    expect(progressPercent(100_000, 100_000)).toBe(100);
  });
});
