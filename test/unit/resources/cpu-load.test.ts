import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCpuLoad } from '../../../bridge/resources/cpu-load.ts';

describe('CPU load between two samples', () => {
  it('takes our own work out of the total', () => {
    const load = toCpuLoad({ atMs: 0, busyMs: 0, ownMs: 0 }, { atMs: 1000, busyMs: 3000, ownMs: 2000 }, 4);
    expect(load).toEqual({ total_percent: 75, own_percent: 50, foreign_percent: 25 });
  });

  it('never leaves 0..100 and always adds up, whatever the counters say', () => {
    const number = fc.integer({ min: 0, max: 1e9 });
    const sample = fc.record({ atMs: number, busyMs: number, ownMs: number });
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 1, max: 256 }), (before, after, cores) => {
        const load = toCpuLoad(before, after, cores);
        if (load === null) return after.atMs <= before.atMs || after.ownMs < before.ownMs;
        const parts = [load.total_percent, load.own_percent, load.foreign_percent];
        return (
          parts.every((part) => part >= 0 && part <= 100) &&
          Math.abs(load.total_percent - load.own_percent - load.foreign_percent) < 1e-9
        );
      }),
    );
  });

  it('says nothing for samples of the same moment', () => {
    expect(toCpuLoad({ atMs: 5, busyMs: 0, ownMs: 0 }, { atMs: 5, busyMs: 9, ownMs: 9 }, 2)).toBeNull();
  });

  it('says nothing when a part of our own account is lost, rather than call it foreign', () => {
    const before = { atMs: 0, busyMs: 1000, ownMs: 900 };
    expect(toCpuLoad(before, { atMs: 500, busyMs: 1900, ownMs: 100 }, 2)).toBeNull();
  });
});
