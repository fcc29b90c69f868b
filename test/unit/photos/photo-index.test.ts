import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PhotoIndex, toPathHash } from '../../../bridge/photos/photo-index.ts';

describe('the index of photos', () => {
  it('answers like a plain map, for any places, moves and gaps, with hashes that collide', () => {
    const step = fc.record({ id: fc.integer({ min: 1, max: 3000 }), hash: fc.integer({ min: 0, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const index = new PhotoIndex();
        const model = new Map<number, { hash: number; offset: number }>();
        for (const [offset, { id, hash }] of steps.entries()) {
          index.place(id, hash, offset);
          model.set(id, { hash, offset });
        }
        expect(index.count).toBe(model.size);
        expect(index.highest).toBe(Math.max(0, ...model.keys()));
        for (let id = 0; id <= 3001; id++) expect(index.offset(id)).toBe(model.get(id)?.offset ?? -1);
        for (let hash = 0; hash <= 40; hash++) {
          const expected = [...model].filter(([, at]) => at.hash === hash).map(([id]) => id);
          expect(index.candidates(hash).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not know ids that are no ids', () => {
    const index = new PhotoIndex();
    index.place(1, 7, 0);
    for (const id of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40])
      expect(index.has(id)).toBe(false);
    expect(index.has(1)).toBe(true);
  });

  it('takes at most 31 bytes a photo for a million photos, at any size on the way', () => {
    const index = new PhotoIndex();
    for (let id = 1; id <= 1_000_000; id++) {
      index.place(id, toPathHash(`/library/folder/IMG_${id}.jpg`), id * 150);
      if (id > 100_000 && id % 10_007 === 0) expect(index.bytes / id).toBeLessThan(31);
    }
    expect(index.count).toBe(1_000_000);
    expect(index.candidates(toPathHash('/library/folder/IMG_777777.jpg'))).toContain(777_777);
  });

  it('spreads paths that hardly differ', () => {
    const hashes = new Set<number>();
    for (let number = 0; number < 100_000; number++) hashes.add(toPathHash(`/a/b/IMG_${number}.jpg`));
    expect(hashes.size).toBeGreaterThan(99_990);
  });

  it('keeps marks', () => {
    const index = new PhotoIndex();
    for (const id of [1, 2, 5000]) index.place(id, id, id);
    index.mark(2, true);
    index.mark(5000, true);
    index.mark(2, false);
    expect([...index.marked()]).toEqual([5000]);
  });
});
