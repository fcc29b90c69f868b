import { describe, expect, it, vi } from 'vitest';
import type { ResourceProfile } from '../../../bridge/contract/index.ts';
import { createGovernedLimiter } from '../../../bridge/resources/governed-limiter.ts';

function start(profile: ResourceProfile = 'balanced') {
  const settings = { profile, nice: 10, capacity: 4 };
  const apply = vi.fn();
  const limiter = createGovernedLimiter({
    capacity: () => settings.capacity,
    profile: () => settings.profile,
    usualNice: () => settings.nice,
    clock: { iso: () => '2026-01-01T00:00:00.000Z' },
    apply,
  });
  let atMs = 0;
  const take = (foreignPercent: number, memoryPercent = 20) => {
    for (let count = 0; count < 6; count += 1) {
      atMs += 500;
      limiter.take({ atMs, foreignPercent, memoryPercent, memoryStallPercent: 0 });
    }
  };
  return { limiter, apply, take, settings };
}

describe('the governed limiter', () => {
  it('has no reason while all may run, and says in words why fewer may', () => {
    const { limiter, take } = start();
    expect([limiter.limit, limiter.reason, limiter.hold]).toEqual([4, null, null]);
    take(86.4);
    expect([limiter.limit, limiter.reason, limiter.hold]).toEqual([
      1,
      'other programs use 86 % of the CPU',
      null,
    ]);
    take(99);
    expect(limiter.reason).toBe(
      'other programs use 99 % of the CPU, so one photo at a time at the lowest priority',
    );
    take(0);
    expect([limiter.limit, limiter.reason]).toEqual([4, null]);
  });

  it('is a hold of the memory, or in the quiet profile of the CPU, that ends with its cause', () => {
    const { limiter, take, apply } = start('quiet');
    take(99);
    expect(limiter.hold).toMatchObject({ owner: 'cpu', reason: 'waits: other programs use 99 % of the CPU' });
    take(0, 97);
    expect(limiter.hold).toMatchObject({ owner: 'memory', reason: 'waits: 97 % of the memory is in use' });
    expect(apply).toHaveBeenLastCalledWith(expect.objectContaining({ isShortOfMemory: true }));
    take(0);
    expect(limiter.hold).toBeNull();
    expect(apply).toHaveBeenLastCalledWith(expect.objectContaining({ isShortOfMemory: false }));
  });

  it('tells the host its niceness and the deadlines their pace with each decision', () => {
    const { take, apply } = start();
    take(99);
    expect(apply).toHaveBeenLastCalledWith({ nice: 19, pace: 1 / 20, isShortOfMemory: false });
    take(0);
    expect(apply).toHaveBeenLastCalledWith({ nice: 10, pace: 1, isShortOfMemory: false });
  });

  it('follows a changed profile at once, and tells of it once', () => {
    const { limiter, take, settings } = start();
    take(99);
    const changed = vi.fn();
    limiter.onChange(changed);
    settings.profile = 'quiet';
    limiter.review();
    limiter.review();
    expect(changed).toHaveBeenCalledTimes(1);
    expect([limiter.limit, limiter.hold?.owner]).toEqual([0, 'cpu']);
  });

  it('tells nobody of a load that keeps its name', () => {
    const { limiter, take } = start();
    take(50);
    const changed = vi.fn();
    limiter.onChange(changed);
    take(51);
    take(49);
    expect(changed).not.toHaveBeenCalled();
  });
});
