import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCpuLoad } from '../../../bridge/resources/cpu-load.ts';
import { type CpuSample, parseProcessMs } from '../../../bridge/resources/cpu-sample.ts';
import { createFixedLimiter } from '../../../bridge/resources/limiter.ts';
import { toLoadState } from '../../../bridge/resources/load-state.ts';
import { parseMemAvailable } from '../../../bridge/resources/memory.ts';

const sampleAt = (atMs: number, busyMs: number, daemonMs: number, hostMs: number | null, hostPid = 7) =>
  ({ atMs, busyMs, daemonMs, hostMs, hostPid: hostMs === null ? null : hostPid }) satisfies CpuSample;

describe('CPU load between two samples', () => {
  it('takes the daemon and the render host out of the total', () => {
    const load = toCpuLoad(sampleAt(0, 0, 0, 0), sampleAt(1000, 3000, 200, 1800), 4);
    expect(load).toEqual({ total_percent: 75, own_percent: 50, foreign_percent: 25 });
  });

  it('counts a replaced render host from zero', () => {
    const load = toCpuLoad(sampleAt(0, 0, 0, 900_000, 7), sampleAt(1000, 1000, 0, 500, 8), 1);
    expect(load).toEqual({ total_percent: 100, own_percent: 50, foreign_percent: 50 });
  });

  it('never leaves 0..100 and always adds up, whatever the counters say', () => {
    const number = fc.integer({ min: 0, max: 1e9 });
    const sample = fc.record({
      atMs: number,
      busyMs: number,
      daemonMs: number,
      hostMs: number,
      hostPid: number,
    });
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 1, max: 256 }), (before, after, cores) => {
        const load = toCpuLoad(before, after, cores);
        if (load === null) return after.atMs <= before.atMs;
        const parts = [load.total_percent, load.own_percent, load.foreign_percent];
        return (
          parts.every((part) => part >= 0 && part <= 100) &&
          Math.abs(load.total_percent - load.own_percent - load.foreign_percent) < 1e-9
        );
      }),
    );
  });

  it('says nothing for samples of the same moment', () => {
    expect(toCpuLoad(sampleAt(5, 0, 0, 0), sampleAt(5, 9, 9, 9), 2)).toBeNull();
  });
});

describe('readings of the operating system', () => {
  it('finds the process times behind a name with blanks and brackets', () => {
    expect(parseProcessMs('12 (a ) b) S 1 12 12 0 -1 4194560 2866 0 3 0 150 50 0 0 20 0')).toBe(2000);
    expect(parseProcessMs('nonsense')).toBeNull();
  });

  it('reads MemAvailable in bytes', () => {
    expect(parseMemAvailable('MemTotal: 8 kB\nMemAvailable:   2048 kB\n')).toBe(2_097_152);
    expect(parseMemAvailable('MemTotal: 8 kB\n')).toBeNull();
  });

  it.each([
    [0, 10, 'idle'],
    [20, 84.9, 'idle'],
    [20.1, 10, 'normal'],
    [80, 10, 'busy'],
    [0, 85, 'busy'],
    [95, 0, 'critical'],
    [0, 95, 'critical'],
  ] as const)('calls %d %% CPU and %d %% memory %s', (cpu, memory, state) => {
    expect(toLoadState(cpu, memory)).toBe(state);
  });
});

describe('the limiter without a governor', () => {
  it('lets as many tasks run as there is capacity, also when that changes', () => {
    let capacity = 2;
    const limiter = createFixedLimiter(() => capacity);
    expect([limiter.limit, limiter.capacity, limiter.reason, limiter.hold]).toEqual([2, 2, null, null]);
    capacity = 5;
    expect(limiter.limit).toBe(5);
  });
});
