import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { freezes, runFreeze } from './freezes.ts';

const missing = await freezes.missing();
if (missing !== null) console.log(`skipped: freezes (${missing})`);

describe.skipIf(missing !== null)('a freeze for longer than a deadline', () => {
  it('of the daemon keeps its folder and fails no photo; of both neither', async () => {
    for (const frozen of ['daemon', 'both'] as const) {
      const figures = await runFreeze(frozen);
      expect(figures.problems).toEqual([]);
      expect(lossesOf(figures)).toBe(0);
      expect(figures.faults).toBe(1);
    }
  }, 180_000);

  it('of the host costs its photos their deadline, and would be caught where none may fail', async () => {
    const figures = await runFreeze('host', 'nobody');
    expect(figures.faults).toBe(1);
    expect(figures.problems).toEqual([expect.stringMatching(/^[12] photos failed: \{"timeout":[12]\}$/)]);
    expect(lossesOf(figures)).toBe(0);
  }, 120_000);
});
