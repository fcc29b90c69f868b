import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../../bridge/batch/rate.ts';
import { progressPercent } from '../../../bridge/batch/status.ts';

describe('the rate', () => {
  it('says nothing until it is worth something, and leaves the start-up out', () => {
    const rate = new RateMeter();
    rate.resume(0);
    rate.settled(5000);
    rate.settled(5001);
    rate.settled(5002);
    rate.settled(5003);
    expect(rate.perMinute(5010)).toBeNull();
    for (let at = 5500; at <= 8000; at += 500) rate.settled(at);
    expect(rate.perMinute(8000)).toBeCloseTo((9 / 3) * 60, 5);
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

  it('follows a very fast batch as well', () => {
    const rate = new RateMeter();
    rate.resume(0);
    for (let at = 1; at <= 5000; at += 1) rate.settled(at);
    expect(rate.perMinute(5000)).toBeCloseTo(60_000, -3);
  });

  it('sinks while nothing settles', () => {
    const rate = new RateMeter();
    rate.resume(0);
    for (let at = 100; at <= 4000; at += 100) rate.settled(at);
    const before = rate.perMinute(4100) ?? 0;
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
