import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossesOf, noFigures } from './campaign.ts';
import { runCorpus, stateCorpus } from './state-corpus.ts';

describe.runIf(process.platform !== 'win32')(
  'a folder of batch states full of files that should not be there',
  () => {
    it('keeps no daemon from starting, no healthy batch from running, and no byte of it is deleted', async () => {
      const figures = await stateCorpus.run({ seed: 5, count: 1 });
      expect(figures.problems).toEqual([]);
      expect(lossesOf(figures)).toBe(0);
      expect(figures.faults).toBeGreaterThan(500);
      console.log(`${figures.faults} files, ready after ${figures.readyMs.map(Math.round).join(' and ')} ms`);
    }, 240_000);

    it('is seen to lose something when a file is deleted or a healthy one is not read', async () => {
      const figures = noFigures();
      await runCorpus(
        5,
        figures,
        ({ states, cases }) => {
          rmSync(join(states, cases[30]?.name ?? ''));
          writeFileSync(join(states, 'batch_healthy3.json'), '{');
        },
        { until: 'first start' },
      );
      const found = figures.problems.join('\n');
      expect(found).toContain('is lost');
      expect(found).toContain('batch_healthy3 is not listed');
      expect(figures.unreadableStates).toBe(2);
    }, 240_000);
  },
);
