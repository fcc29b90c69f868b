import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toAgeMs } from '../../../bridge/batch/age.ts';
import type { ClockJump } from '../../../bridge/batch/ports.ts';

const DAY = 86_400_000;
const moment = fc.integer({ min: 0, max: 1000 * DAY });
const jump = fc
  .tuple(moment, fc.integer({ min: 1, max: 500 * DAY }))
  .map(([from, by]) => ({ from, to: from + by }));

describe('the age of a moment', () => {
  it('is the difference of the clock when that never jumped', () => {
    expect(toAgeMs(5, 9, [])).toBe(4);
    expect(toAgeMs(0, 10 * DAY, [{ from: 20 * DAY, to: 40 * DAY }])).toBe(10 * DAY);
    expect(toAgeMs(50 * DAY, 60 * DAY, [{ from: 20 * DAY, to: 40 * DAY }])).toBe(10 * DAY);
  });

  it('leaves out what the clock jumped over since, however often', () => {
    expect(toAgeMs(1000, 400 * DAY + 3000, [{ from: 2000, to: 400 * DAY + 2000 }])).toBe(2000);
    const twice: ClockJump[] = [
      { from: 2000, to: 400 * DAY + 2000 },
      { from: 3000, to: 400 * DAY + 3000 },
    ];
    expect(toAgeMs(1000, 400 * DAY + 4000, twice)).toBe(2000);
  });

  it('is zero for a moment that is still to come, or is none', () => {
    expect(toAgeMs(9, 5, [])).toBe(0);
    expect(toAgeMs(Number.NaN, 5, [])).toBe(0);
  });

  it('is never negative, never above the difference, and no jump more makes it greater', () => {
    fc.assert(
      fc.property(moment, moment, fc.array(jump, { maxLength: 6 }), jump, (since, now, jumps, more) => {
        const age = toAgeMs(since, now, jumps);
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThanOrEqual(Math.max(0, now - since));
        expect(toAgeMs(since, now, [...jumps, more])).toBeLessThanOrEqual(age);
        expect(toAgeMs(since, now, jumps.toReversed())).toBe(age);
      }),
    );
  });
});
