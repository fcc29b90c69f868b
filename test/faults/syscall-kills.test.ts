import { describe, expect, it, onTestFinished } from 'vitest';
import { isClean, runFault, surveySmallRun } from './fault-run.ts';
import { missingStrace } from './strace.ts';
import { chooseTargets, judgeKill, killAt } from './syscall-kills.ts';
import { KILL, type Target } from './traced-life.ts';

const missing = await missingStrace();
if (missing !== null) console.log(`skipped: ${missing}`);

const started = { call: 'pwrite64', path: 'data/journal/00000001.log' };
const early = new URL('./early-answers.ts', import.meta.url).href;

describe.skipIf(missing !== null)('a kill in place of a file call', { timeout: 300_000 }, () => {
  it('at some calls of one run loses, doubles and leaves nothing', async () => {
    const survey = await surveySmallRun({ once: true });
    expect(survey.targets.length).toBeGreaterThan(150);
    const seed = Date.now() % 1_000_000;
    onTestFinished(({ task }) => {
      if (task.result?.state === 'fail') console.error(`seed ${seed}`);
    });
    const figures = await killAt(survey, chooseTargets(survey.targets, { seed, count: 3 }));
    expect(figures.problems).toEqual([]);
    expect(figures.faults).toBeGreaterThanOrEqual(2);
  });

  it('that never comes is an error of the campaign', async () => {
    const figures = await killAt({ targets: [], hashes: {} }, [{ ...started, nth: 999 }]);
    expect(figures.faults).toBe(0);
    expect(figures.problems).toContain('only 0 of 1 faults happened');
  });

  it('catches a journal that answers before it has written', async () => {
    const fault = { ...started, nth: 3, fault: KILL };
    const figures = await runFault({ fault, hashes: null, judge: judgeKill, imports: [early] });
    expect(figures.faults).toBe(1);
    expect(figures.lostChanges).toBeGreaterThan(0);
    expect(isClean(figures)).toBe(false);
  });
});

it('is aimed at every call when there is time, else at a spread that the seed brings back', () => {
  const targets: Target[] = Array.from({ length: 100 }, (_, nth) => ({ call: 'fsync', path: 'a', nth }));
  expect(chooseTargets(targets, { seed: 1, count: 100 })).toEqual(targets);
  const few = chooseTargets(targets, { seed: 1, count: 10 });
  expect(chooseTargets(targets, { seed: 1, count: 10 })).toEqual(few);
  expect(few.map(({ nth }) => Math.floor(nth / 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
