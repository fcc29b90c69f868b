import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../../bridge/batch/core.ts';
import type { Lifecycle } from '../../../bridge/batch/lifecycle.ts';
import { Timetable } from '../../../bridge/batch/timetable.ts';

let timetable: Timetable | null = null;
afterEach(() => timetable?.close());

/** A timetable whose every look takes as long as it is told, over batches that begin at those moments. */
function open(lookMs: number, startsAtMs: readonly number[] = []) {
  const batches = startsAtMs.map((at) => ({
    status: 'pending',
    startAt: new Date(at).toISOString(),
    holds: [],
    dependsOn: [],
  }));
  const seen = { looks: 0, nowMs: 0 };
  const registry = {
    open() {
      seen.looks += 1;
      seen.nowMs += lookMs;
      return batches;
    },
  };
  const clock = { wallMs: () => seen.nowMs, monotonicMs: () => seen.nowMs, iso: () => '' };
  timetable = new Timetable(
    { registry, clock, safeMode: { reason: null } } as unknown as Core,
    { beginOrWait: async () => {} } as unknown as Lifecycle,
  );
  timetable.open();
  return { timetable, seen };
}

describe('the timetable', () => {
  it('looks at once after every change while a look costs nothing', () => {
    const { timetable: table, seen } = open(0);
    for (let change = 0; change < 10; change += 1) table.review();
    expect(seen.looks).toBe(11);
  });

  it('lets changes share a look when thousands of batches make it long: a twentieth of the time at most', () => {
    const { timetable: table, seen } = open(10);
    for (let change = 0; change < 1000; change += 1) {
      seen.nowMs += 1;
      table.review();
    }
    expect(seen.looks).toBeGreaterThan(3);
    expect(seen.looks * 10).toBeLessThan(seen.nowMs / 20 + 20);
  });

  it('does not forget what falls due while it rests', () => {
    vi.useFakeTimers();
    try {
      // Ten milliseconds a look, so two hundred of rest; the batch begins after fifty.
      const { seen } = open(10, [50]);
      expect(seen.looks).toBe(1);
      for (let passed = 0; passed < 400; passed += 10) {
        seen.nowMs += 10;
        vi.advanceTimersByTime(10);
      }
      expect(seen.looks).toBeGreaterThan(1);
    } finally {
      vi.useRealTimers();
    }
  });
});
