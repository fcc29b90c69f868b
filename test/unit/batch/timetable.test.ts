import { afterEach, describe, expect, it } from 'vitest';
import type { Core } from '../../../bridge/batch/core.ts';
import type { Lifecycle } from '../../../bridge/batch/lifecycle.ts';
import { Timetable } from '../../../bridge/batch/timetable.ts';

let timetable: Timetable | null = null;
afterEach(() => timetable?.close());

/** A timetable over no batch at all, whose every look takes as long as the clock says. */
function open(lookMs: number) {
  const seen = { looks: 0, nowMs: 0 };
  const registry = {
    open() {
      seen.looks += 1;
      seen.nowMs += lookMs;
      return [];
    },
  };
  const clock = { wallMs: () => 0, monotonicMs: () => seen.nowMs, iso: () => '' };
  timetable = new Timetable({ registry, clock } as unknown as Core, {} as Lifecycle);
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
});
