/** The curve behind all tone curves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMonotoneCubic } from '../../../bridge/presets/colour/monotone-cubic.ts';
import { risingPoints } from './any-preset.ts';

describe('createMonotoneCubic', () => {
  it('goes through its points', () => {
    fc.assert(
      fc.property(risingPoints, (points) => {
        const curve = createMonotoneCubic(points);
        for (const [x, y] of points) expect(curve(x)).toBeCloseTo(y, 9);
      }),
    );
  });

  it('never falls between points that do not fall, and never leaves their range', () => {
    fc.assert(
      fc.property(risingPoints, (points) => {
        const curve = createMonotoneCubic(points);
        const lowest = points[0]![1];
        const highest = points.at(-1)![1];
        let before = -Infinity;
        for (let x = -5; x <= 260; x += 0.25) {
          const y = curve(x);
          expect(y).toBeGreaterThanOrEqual(before - 1e-9);
          expect(y >= lowest - 1e-9 && y <= highest + 1e-9).toBe(true);
          before = y;
        }
      }),
    );
  });

  it('is the straight line through points on one', () => {
    const curve = createMonotoneCubic([
      [0, 10],
      [50, 60],
      [200, 210],
    ]);
    for (const x of [0, 7, 49, 51, 120, 199]) expect(curve(x)).toBeCloseTo(x + 10, 9);
  });
});
