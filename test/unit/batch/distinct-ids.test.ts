import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctIds, toIdList } from '../../../bridge/batch/distinct-ids.ts';

/** Near each other, as a catalog gives them, or anywhere. */
const idLists = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 50 })),
  fc.array(fc.maxSafeInteger()),
  fc.array(fc.nat(300)).map((ids) => ids.sort((a, b) => a - b)),
);

describe('a list of photo ids', () => {
  it('keeps each id once, in the place of its first', () => {
    fc.assert(
      fc.property(idLists, (ids) => {
        expect([...distinctIds(ids)]).toEqual([...new Set(ids)]);
      }),
    );
  });

  it('is the same as a plain list, large and negative numbers included', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (ids) => {
        expect(toIdList(Float64Array.from(ids))).toEqual(ids.map((id) => (id === 0 ? 0 : id)));
      }),
    );
  });
});
