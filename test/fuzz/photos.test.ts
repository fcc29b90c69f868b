import { describe, expect, it } from 'vitest';
import { upTo } from './campaign.ts';
import { makePhotoCase, photos } from './photos.ts';
import { makeSeedPhotos } from './seed-photos.ts';

const missing = await photos.missing();
if (missing !== null) console.log(`skipped: damaged photos (${missing})`);

describe.skipIf(missing !== null)('damaged photos through a real daemon', () => {
  it('are each developed or fail with a reason, and leave the daemon and the folders as they were', async () => {
    const figures = await photos.run({ seed: 21, goesOn: upTo(200) });
    expect(figures.problems).toEqual([]);
    expect(figures.cases).toBe(200);
    // Some of them are still photos, most are not.
    expect(figures.outcomes.processed).toBeGreaterThan(20);
    expect(figures.outcomes.damaged_image).toBeGreaterThan(40);
  }, 240_000);

  it('are the same for the same seed', async () => {
    const seeds = await makeSeedPhotos();
    const once = Array.from({ length: 30 }, (_, seed) => makePhotoCase(seeds, seed));
    const again = Array.from({ length: 30 }, (_, seed) => makePhotoCase(seeds, seed));
    expect(again).toEqual(once);
    expect(new Set(once.map(({ bytes }) => bytes.toString('base64'))).size).toBe(30);
  });
});
