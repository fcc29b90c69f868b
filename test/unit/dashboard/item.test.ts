import { describe, expect, it } from 'vitest';
import type { ItemResult } from '../../../bridge/client/index.ts';
import { hasPicture, toItemName } from '../../../bridge/dashboard/app/words/item.ts';

const item = { photo_id: 7, path: '/a/b.jpg' } as ItemResult;
const failed = (stage: 'read' | 'decode' | 'write') =>
  ({ ...item, failure: { code: 'internal', message: '', stage, retryable: false } }) as ItemResult;

describe('an item', () => {
  it('is called by its file, else by what its caller calls it', () => {
    const names = [item, { ...item, path: null, ref: 'A-1' }, { ...item, path: null }].map(toItemName);
    expect(names).toEqual(['b.jpg', 'A-1', 'No. 7']);
  });

  it('has a picture only when it is a photo that could be read', () => {
    expect(hasPicture(item, 'develop')).toBe(true);
    expect(hasPicture(failed('write'), 'develop')).toBe(true);
    expect([failed('read'), failed('decode')].map((one) => hasPicture(one, 'develop'))).toEqual([
      false,
      false,
    ]);
    // Its number is not one of the catalog.
    expect(hasPicture(item, 'listings')).toBe(false);
    expect(hasPicture({ ...item, path: null }, 'develop')).toBe(false);
  });
});
