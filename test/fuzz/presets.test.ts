import { describe, expect, it } from 'vitest';
import { upTo } from './campaign.ts';
import { presets } from './presets.ts';

describe('damaged preset files', () => {
  it('are legal presets that compile, or are refused in one sentence, soon', async () => {
    const figures = await presets.run({ seed: 31, goesOn: upTo(300) });
    expect(figures.problems).toEqual([]);
    for (const kind of ['native', 'xmp', 'lrtemplate', 'cube', 'hald']) {
      expect(figures.outcomes[`${kind} refused`], kind).toBeGreaterThan(0);
      expect(figures.outcomes[`${kind} loaded`], kind).toBeGreaterThan(0);
    }
  }, 120_000);
});
