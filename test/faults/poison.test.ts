import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { poison, runPoison } from './poison.ts';

const missing = await poison.missing();
if (missing !== null) console.log(`skipped: poison photos (${missing})`);

describe.skipIf(missing !== null)('poison photos among good ones', () => {
  it('fail alone after two crashes at most, also when the daemon is killed right after a crash', async () => {
    const figures = await poison.run({ seed: 1, count: 3 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    // Two deaths of each, and the kills.
    expect(figures.faults).toBeGreaterThanOrEqual(3 * 2);
  }, 240_000);

  it('that hang or eat memory fail with their own codes, and their neighbours go on', async () => {
    const figures = await runPoison({
      seed: 2,
      count: 2,
      photos: 20,
      daemonKills: 0,
      kinds: ['hang', 'eat-memory'],
    });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
  }, 240_000);

  it('take innocent ones with them when suspects do not run alone, and that is noticed', async () => {
    const problems: string[] = [];
    // Who is beside the poison when it dies is chance.
    for (let seed = 3; problems.length === 0 && seed < 9; seed += 1) {
      const figures = await runPoison({
        seed,
        count: 1,
        photos: 4,
        areGoodSlow: true,
        daemonKills: 0,
        kinds: ['segfault'],
        mutant: 'suspects-not-alone',
      });
      problems.push(...figures.problems);
    }
    expect(problems.join('\n')).toMatch(/innocent .*decoder_crash/);
  }, 240_000);
});
