import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  toGridHeight,
  toGridLayout,
  toNextIndex,
  toPlace,
  toRowLayout,
  toVisible,
} from '../../../bridge/dashboard/app/parts/grid-layout.ts';

const width = fc.integer({ min: 1, max: 4000 });
const count = fc.integer({ min: 0, max: 1_000_000 });
/** Of photos and of all else. */
const anyLayout = fc
  .tuple(width, fc.constantFrom(toGridLayout, toRowLayout))
  .map(([w, toLayout]) => ({ w, layout: toLayout(w) }));

describe('a long grid', () => {
  it('draws every tile that can be seen, and few others', () => {
    fc.assert(
      fc.property(
        anyLayout,
        count,
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ layout }, n, height, share) => {
          const top = share * Math.max(0, toGridHeight(layout, n) - height);
          const [first, end] = toVisible(layout, { top, height }, n);
          const isSeen = (index: number) => {
            const { y } = toPlace(layout, index);
            return y < top + height && y + layout.rowHeight > top;
          };
          for (const index of [first - 1, end])
            if (index >= 0 && index < n) expect(isSeen(index)).toBe(false);
          expect(end - first).toBeLessThanOrEqual(
            (Math.ceil(height / layout.rowHeight) + 5) * layout.columns,
          );
        },
      ),
    );
  });

  it('keeps its tiles inside its width, and never one over another', () => {
    fc.assert(
      fc.property(anyLayout, fc.integer({ min: 0, max: 10_000 }), ({ w, layout }, index) => {
        const { x, y } = toPlace(layout, index);
        expect(x + layout.tileWidth).toBeLessThanOrEqual(w + 0.01);
        const next = toPlace(layout, index + 1);
        expect(next.y > y || next.x >= x + layout.tileWidth).toBe(true);
      }),
    );
  });

  it('is walked by keys, never beyond its ends', () => {
    const layout = toGridLayout(800);
    expect(layout.columns).toBe(5);
    const go = (key: string, index: number) => toNextIndex(layout, key, { index, count: 12, rows: 2 });
    const steps = [go('ArrowRight', 0), go('ArrowDown', 0), go('ArrowUp', 3), go('End', 0), go('Home', 11)];
    expect(steps).toEqual([1, 5, 0, 11, 0]);
    expect([go('PageDown', 4), go('PageDown', 0), go('Enter', 0), go('a', 0)]).toEqual([11, 10, null, null]);
  });
});
