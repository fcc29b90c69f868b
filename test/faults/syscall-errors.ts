/**
 * EIO, ENOSPC and EMFILE in place of file calls of one small whole run: one error at the k-th call on a file, and errors on all
 * of the journal that last a while. The client asks again when it is refused; the daemon must live and the run must finish.
 */
import type { Campaign, Figures } from './campaign.ts';
import { addAll, type FaultRunOptions, runFault, type Survey, surveySmallRun } from './fault-run.ts';
import { createRandom } from './random.ts';
import type { SmallRun } from './small-run.ts';
import { missingStrace } from './strace.ts';
import { chooseTargets } from './syscall-kills.ts';
import type { Fault, Life, Target } from './traced-life.ts';

const errors = ['EIO', 'ENOSPC'] as const;

export const syscallErrors: Campaign = {
  name: 'syscall-errors',
  what: 'EIO, ENOSPC or EMFILE in place of each file call of one whole run, once or for a while',
  unit: 'calls',
  longCount: 1000,
  missing: missingStrace,
  async run({ seed, count }) {
    const survey = await surveySmallRun();
    return failAt(survey, toErrors(chooseTargets(survey.targets, { seed, count }), seed));
  },
};

/** An error that this call can really answer; every third lasts for five calls. */
export function toErrors(targets: readonly Target[], seed: number): Fault[] {
  const random = createRandom(seed);
  return targets.map((target) => {
    const choices = target.call === 'openat' ? ([...errors, 'EMFILE'] as const) : errors;
    const lasting = random.whole(0, 3) === 0 ? { calls: 5 } : {};
    return { ...target, fault: `error=${random.pick(choices)}`, ...lasting };
  });
}

export function failAt(survey: Survey, faults: readonly Fault[]): Promise<Figures> {
  return addAll(faults, (fault) => runFault({ fault, hashes: survey.hashes, judge: judgeError }));
}

/** The daemon may refuse to start, with a word for people; once it has started it stays, and the run finishes. */
export const judgeError: FaultRunOptions['judge'] = (_run: SmallRun, life: Life) => {
  if (life.readyMs === null)
    return isClear(life) ? [] : [`it did not start and said: ${life.error?.message}`];
  if (life.died) return [`the daemon died: ${life.said}`];
  const problems = life.code === 0 ? [] : [`it ended with ${life.code}: ${life.said}`];
  if (life.error !== null) problems.push(`the client failed: ${life.error.message}`);
  return problems;
};

/** Not a stack, not silence. */
function isClear({ error }: Life): boolean {
  const text = error?.message ?? '';
  return text.includes('exit code 1') && !text.includes('it said nothing') && !/\n\s+at /.test(text);
}
