import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { stateDisk } from './state-disk.ts';

const missing = await stateDisk.missing();
if (missing !== null) console.log(`skipped: full state disks (${missing})`);

describe.skipIf(missing !== null)('a full disk of the data folder', () => {
  it('holds the batch, refuses changes with 507, and lets it end by itself when there is room', async () => {
    const figures = await stateDisk.run({ seed: 1, count: 3 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(3);
  }, 120_000);
});
