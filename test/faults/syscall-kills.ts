/** Kill -9 of daemon or render host in place of every single file call of one small whole run, one run a call. */
import type { Campaign, Figures } from './campaign.ts';
import { addAll, runFault, type Survey, surveySmallRun } from './fault-run.ts';
import { createRandom } from './random.ts';
import { missingStrace } from './strace.ts';
import { KILL, type Target } from './traced-life.ts';

export const syscallKills: Campaign = {
  name: 'syscall-kills',
  what: 'kill -9 in place of each file call of one whole run',
  unit: 'calls',
  longCount: 1000,
  missing: missingStrace,
  async run({ seed, count }) {
    const survey = await surveySmallRun();
    return killAt(survey, chooseTargets(survey.targets, { seed, count }));
  },
};

/** All when there are no more than `count`, else so many, spread evenly by the seed. */
export function chooseTargets(
  targets: readonly Target[],
  { seed, count }: { seed: number; count: number },
): Target[] {
  if (targets.length <= count) return [...targets];
  const random = createRandom(seed);
  const width = targets.length / count;
  return Array.from({ length: count }, (_, part) => {
    const place = Math.floor((part + random.next()) * width);
    return targets[Math.min(place, targets.length - 1)] as Target;
  });
}

export function killAt(survey: Survey, targets: readonly Target[]): Promise<Figures> {
  return addAll(targets, (target) =>
    runFault({ fault: { ...target, fault: KILL }, hashes: survey.hashes, judge: judgeKill }),
  );
}

/** The client loses its daemon, or (the render host was killed) nothing at all. */
export function judgeKill(...[, life]: Parameters<Parameters<typeof runFault>[0]['judge']>): string[] {
  if (life.died || life.error === null) return [];
  return [`the daemon lives and the client fails: ${life.error.message}`];
}
