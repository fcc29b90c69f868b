import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targetSize } from '../../../workers/pipeline/target-size.ts';

const edge = fc.integer({ min: 1, max: 20_000 });
const source = fc.record({ width: edge, height: edge });
const wishes = fc.record(
  { long_edge: edge, width: edge, height: edge, megapixels: fc.double({ min: 0.01, max: 200, noNaN: true }) },
  { requiredKeys: [] },
);

describe('target size', () => {
  it('keeps the source size without wishes', () => {
    expect(targetSize({ width: 6000, height: 4000 }, { enlarge: true })).toEqual({
      width: 6000,
      height: 4000,
    });
  });

  it('meets the tightest of several wishes', () => {
    const size = targetSize({ width: 6000, height: 4000 }, { long_edge: 3000, height: 1000, enlarge: false });
    expect(size).toEqual({ width: 1500, height: 1000 });
  });

  it('reads megapixels as an area', () => {
    const size = targetSize({ width: 6000, height: 4000 }, { megapixels: 6, enlarge: false });
    expect(size).toEqual({ width: 3000, height: 2000 });
  });

  it('never enlarges unasked and never passes a wish', () => {
    fc.assert(
      fc.property(source, wishes, (from, wished) => {
        const size = targetSize(from, { ...wished, enlarge: false });
        expect(size.width).toBeLessThanOrEqual(
          Math.min(from.width, wished.width ?? Number.POSITIVE_INFINITY),
        );
        expect(size.height).toBeLessThanOrEqual(
          Math.min(from.height, wished.height ?? Number.POSITIVE_INFINITY),
        );
        if (wished.long_edge !== undefined) {
          expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(wished.long_edge);
        }
        expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('keeps the shape to within half a pixel', () => {
    fc.assert(
      fc.property(source, edge, (from, long_edge) => {
        const size = targetSize(from, { long_edge, enlarge: true });
        const scale = long_edge / Math.max(from.width, from.height);
        expect(Math.abs(size.width - Math.max(from.width * scale, 1))).toBeLessThanOrEqual(0.5001);
        expect(Math.abs(size.height - Math.max(from.height * scale, 1))).toBeLessThanOrEqual(0.5001);
      }),
    );
  });
});
