import { describe, expect, it } from 'vitest';
import { matchPattern, toPlace } from '../../../bridge/dashboard/app/place.ts';

describe('the address behind #', () => {
  it('is a path and a query; none is the list of batches', () => {
    expect(['', '#', '#/'].map((hash) => toPlace(hash).path)).toEqual(['/batches', '/batches', '/batches']);
    const place = toPlace('#/start?preset=Golden%20Hour');
    expect([place.path, place.query.get('preset')]).toEqual(['/start', 'Golden Hour']);
  });

  it('fits a pattern part by part', () => {
    expect(matchPattern('/batch/:batch_id', '/batch/a%20b')).toEqual({ batch_id: 'a b' });
    expect(matchPattern('/batch/:batch_id', '/batch/%')).toEqual({ batch_id: '%' });
    for (const path of ['/batch', '/batch/', '/batch/a/b', '/batches'])
      expect(matchPattern('/batch/:batch_id', path)).toBeNull();
    expect(matchPattern('/batches', '/batches')).toEqual({});
  });
});
