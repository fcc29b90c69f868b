import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { openLeft } from './engine-facts.ts';
import { cutEverywhere, flipBits } from './journal-bytes.ts';
import { readSegment } from './journal-fold.ts';
import { flipLogs } from './log-bytes.ts';

/** Cuts off the last whole record: a store that forgets one change. */
function forgetLastRecord(dataDir: string): void {
  const folder = join(dataDir, 'journal');
  const name = readdirSync(folder)
    .filter((file) => /^\d+\.log$/.test(file))
    .sort()
    .at(-1);
  const path = join(folder, name ?? '');
  const last = readSegment(readFileSync(path), Number(basename(path, '.log'))).at(-1);
  if (last !== undefined && last.payload.k !== 'segment') truncateSync(path, last.start);
}

describe('a journal cut at every byte of its last records', () => {
  it('keeps every record before the cut, invents none, keeps the torn bytes, and goes on', async () => {
    const figures = await cutEverywhere({ records: 3, livesEach: 4 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBeGreaterThan(250);
  });

  it('of a store that forgets one record is seen to have lost something', async () => {
    const forgetful: typeof openLeft = (dataDir, operation) => {
      forgetLastRecord(dataDir);
      return openLeft(dataDir, operation);
    };
    const figures = await cutEverywhere({ records: 1, livesEach: 1000 }, { open: forgetful });
    expect(figures.problems.length).toBeGreaterThan(0);
    expect(lossesOf(figures)).toBeGreaterThan(0);
  });
});

describe('a bit flipped in any file of the data folder', () => {
  it('costs at most what that file alone knew, is reported, and no photo is done twice', async () => {
    const figures = await flipBits({ seed: 3, count: 150 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(150);
  });

  it('of a store that has neither backups nor item logs is seen to have lost something', async () => {
    const careless: typeof openLeft = (dataDir, operation) => {
      for (const name of readdirSync(join(dataDir, 'batch_states')))
        if (name.endsWith('.bak')) rmSync(join(dataDir, 'batch_states', name));
      rmSync(join(dataDir, 'batch_items'), { recursive: true });
      return openLeft(dataDir, operation);
    };
    const figures = await flipBits({ seed: 3, count: 40 }, { open: careless });
    expect(lossesOf(figures)).toBeGreaterThan(0);
  });
});

describe('a bit flipped in the catalog of photos or the records of outputs', () => {
  it('costs one entry at most, and what is cut out of the catalog is kept', async () => {
    const figures = await flipLogs({ seed: 4, count: 150 });
    expect(figures.problems).toEqual([]);
    expect(figures.faults).toBe(300);
  });
});
