import { describe, expect, it } from 'vitest';
import { lossesOf, noFigures } from './campaign.ts';
import { cards } from './cards.ts';
import { playTogether, storage } from './storage.ts';
import { scenes } from './storage-scenes.ts';

const missing = await storage.missing();
if (missing !== null) console.log(`skipped: folders and drives that go away (${missing})`);
const missingCard = await cards.missing();
if (missingCard !== null) console.log(`skipped: kills while a card is written (${missingCard})`);

it.runIf(process.env.CI && process.getuid?.() === 0)('has in CI all that it needs', () => {
  expect([missing, missingCard]).toEqual([null, null]);
});

describe.skipIf(missing !== null)('folders and drives that go away under running batches', () => {
  it('are holds that say what to do and lift by themselves, and every photo has its one output', async () => {
    const figures = await storage.run({ seed: 1, count: 1 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBeGreaterThanOrEqual(Object.keys(scenes).length);
  }, 180_000);

  it('are missed by no check: a daemon that makes the folder anew is caught', async () => {
    const figures = noFigures();
    const { outMoved } = scenes;
    const preload = new URL('remakes-folders.ts', import.meta.url).href;
    if (outMoved !== undefined)
      await playTogether(figures, { outMoved }, { NODE_OPTIONS: `--import=${preload}` });
    expect(figures.problems).not.toEqual([]);
  }, 120_000);
});

describe.skipIf(missingCard !== null)('a card without hard links', () => {
  it('gets every output exactly once, whatever is killed while it is written', async () => {
    const figures = await cards.run({ seed: 1, count: 4 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(4);
  }, 180_000);
});
