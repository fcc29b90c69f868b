import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { hostCrashes, runHostCrashes } from './host-crashes.ts';

const missing = await hostCrashes.missing();
if (missing !== null) console.log(`skipped: kills of the render host (${missing})`);

describe.skipIf(missing !== null)('a dozen kills of the render host from outside', () => {
  it('fail no photo, and the daemon answers all the time', async () => {
    const figures = await hostCrashes.run({ seed: 1, count: 12 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(12);
  }, 240_000);

  it('are noticed when a kill counts like a crash of the decoder', async () => {
    const figures = await runHostCrashes({
      seed: 1,
      count: 3,
      photos: 4,
      isAimed: true,
      mutant: 'kills-are-crashes',
    });
    expect(figures.problems.join('\n')).toMatch(/decoder_crash/);
  }, 240_000);
});
