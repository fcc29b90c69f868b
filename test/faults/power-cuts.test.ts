import { beforeAll, describe, expect, it } from 'vitest';
import { lossesOf } from './campaign.ts';
import { powerCuts, withRun } from './power-cuts.ts';
import { missingStrace } from './strace.ts';

/** Tries of a break that only shows when the cut comes before the system writes by itself. */
const TRIES = 5;

let missing: string | null = null;
beforeAll(async () => {
  missing = await powerCuts.missing();
  if (missing !== null) console.log(`skipped: power cuts (${missing})`);
});

describe('a power cut of state disk and output disk', () => {
  it('at any moment loses nothing that was told, and leaves every finished output whole', async ({
    skip,
  }) => {
    skip(missing !== null);
    const figures = await powerCuts.run({ seed: 7, count: 3 });
    expect(figures.problems).toEqual([]);
    expect(lossesOf(figures)).toBe(0);
    expect(figures.faults).toBe(3);
    console.log(`3 power cuts, ready after ${figures.readyMs.map(Math.round).join(', ')} ms`);
  }, 240_000);

  it('shows a store without fsync: its disk says ok to every sync and does none', async ({ skip }) => {
    skip(missing !== null || (await missingStrace()) !== null);
    const lostChanges = await untilCaught(async () =>
      withRun(11, async (run) => {
        await run.prepare(20);
        const lied = await run.lifeUntilCut({ lie: { calls: ['fsync', 'fdatasync'] }, untilSettled: true });
        expect(lied.length).toBeGreaterThan(0);
        expect(run.chatter.answered).toBeGreaterThan(0);
        return (await run.look()).lostChanges;
      }),
    );
    expect(lostChanges).toBeGreaterThan(0);
  }, 240_000);

  it('shows a writer without fsync of the folder: the name of a finished output is gone', async ({
    skip,
  }) => {
    skip(missing !== null || (await missingStrace()) !== null);
    const lostPhotos = await untilCaught(async () =>
      withRun(12, async (run) => {
        await run.prepare(1);
        const path = run.rig.keepOutputFolder('out-1');
        const lied = await run.lifeUntilCut({ lie: { calls: ['fsync'], path }, untilSettled: true });
        // Nothing but the folder was lied about: the bytes of the output were synced.
        expect(new Set(lied)).toEqual(new Set([path]));
        const { lostPhotos: lost, lostChanges } = await run.look();
        expect(lostChanges).toBe(0);
        return lost;
      }),
    );
    expect(lostPhotos).toBeGreaterThan(0);
  }, 240_000);
});

async function untilCaught(attempt: () => Promise<number>): Promise<number> {
  for (let tries = 1; tries < TRIES; tries += 1) {
    const caught = await attempt();
    if (caught > 0) return caught;
  }
  return attempt();
}
