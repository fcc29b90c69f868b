import { describe, expect, it, vi } from 'vitest';
import { createSafeMode } from '../../../bridge/resources/safe-mode.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const clock = { iso: () => new Date(NOW).toISOString(), wallMs: () => NOW };
const open = (uncleanEnds: number[], onEnd = () => {}) => createSafeMode({ uncleanEnds, clock, onEnd });

describe('safe mode', () => {
  it.each([
    ['no end', [], false],
    ['two ends at once', [NOW, NOW], false],
    ['three ends in five minutes', [NOW - 5 * MINUTE, NOW - MINUTE, NOW], true],
    ['three ends in more', [NOW - 5 * MINUTE - 1, NOW - MINUTE, NOW], false],
    ['ends a little ahead, the clock was set back', [NOW + MINUTE, NOW + 2 * MINUTE, NOW], true],
    ['ends far ahead', [NOW + 60 * MINUTE, NOW + 61 * MINUTE, NOW], false],
    ['many ends', Array.from({ length: 9 }, (_, index) => NOW - index * 1000), true],
  ] as const)('after %s: %s -> %s', (_what, ends, expected) => {
    expect(open([...ends]).hold !== null).toBe(expected);
  });

  it('says why, tells once when it ends, and does not come back', () => {
    const onEnd = vi.fn();
    const safeMode = open([NOW, NOW, NOW], onEnd);
    const changed = vi.fn();
    safeMode.onChange(changed);
    expect(safeMode.hold).toEqual({ owner: 'safe_mode', reason: safeMode.reason, since: clock.iso() });
    expect(safeMode.reason).toContain('three times within five minutes');
    safeMode.end();
    safeMode.end();
    expect([safeMode.hold, safeMode.reason]).toEqual([null, null]);
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(changed).toHaveBeenCalledTimes(1);
  });
});
