import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { runStateDisk, stateDisk } from './state-disk.ts';

const missing = await stateDisk.missing();
if (missing !== null) console.log(`skipped: full state disks (${missing})`);

describe.skipIf(missing !== null)('a full disk of the data folder', () => {
  it('holds the batch, refuses changes with 507, and lets it end by itself when there is room', async () => {
    const figures = await stateDisk.run({ seed: 1, count: 3 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(3);
  }, 240_000);

  it('is caught when it holds nothing and its refusals look like any other', async () => {
    const { problems } = await runStateDisk({ count: 1, mutant: 'full-disk-unseen' });
    expect(problems).toContain('no hold of the storage is shown');
    expect(problems.filter((problem) => problem.includes('was answered 503'))).not.toEqual([]);
  }, 120_000);
});
