import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { clocks, runForgetful } from './clocks.ts';

const missing = await clocks.missing();
if (missing !== null) console.log(`skipped: jumps of the clock (${missing})`);

describe.skipIf(missing !== null && process.env.CI === undefined)('jumps of the wall clock', () => {
  it('fail no photo, make nothing old, start nothing twice and keep events in order', async () => {
    const figures = await clocks.run({ seed: 1, count: 4 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(4);
  }, 180_000);

  it('are caught by the same checks when the daemon knows nothing of them', async () => {
    const figures = await runForgetful();
    expect(figures.faults).toBe(1);
    expect(figures.lostChanges).toBeGreaterThan(0);
    const problems = figures.problems.join('\n');
    expect(problems).toMatch(/removed \d+ fresh batches/);
    expect(problems).toMatch(/by the run history it is \d+ ms old/);
  }, 120_000);
});
