/** One fault in one small run, and what is found after it: the step that both campaigns by system call repeat. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnServe } from '../../bridge/cli/spawn-daemon.ts';
import { createClient } from '../../bridge/client/index.ts';
import { toTestEnvironment } from '../helpers/environment.ts';
import { addFigures, type Figures, lossesOf, noFigures } from './campaign.ts';
import { hashFolder } from './small-oracle.ts';
import { SmallRun } from './small-run.ts';
import { parseTrace } from './strace.ts';
import {
  describeTarget,
  drive,
  type Fault,
  type Life,
  liveTraced,
  type Target,
  toTargets,
} from './traced-life.ts';

const self = {
  node: process.execPath,
  entry: fileURLToPath(new URL('../../bridge/main.ts', import.meta.url)),
};

/** Every call a fault can be aimed at, each relative to the run's folder, and what the outputs must be. */
export type Survey = { targets: Target[]; hashes: Record<string, string> };

/** Two undisturbed runs: what both of them did, every other run will do. `once`: one must be enough. */
export async function surveySmallRun({ once = false } = {}): Promise<Survey> {
  const first = await surveyOnce();
  if (once) return first;
  const second = await surveyOnce();
  const key = ({ call, path, nth }: Target) => `${call} ${path} ${nth}`;
  const inSecond = new Set(second.targets.map(key));
  return { targets: first.targets.filter((target) => inSecond.has(key(target))), hashes: first.hashes };
}

function surveyOnce(): Promise<Survey> {
  return inFolder(async (run) => {
    const life = await liveTraced(run, {});
    if (life.error !== null || life.died)
      throw new Error(`the undisturbed run does not work: ${life.said}`, { cause: life.error });
    const targets = toTargets(run, life.trace).map((target) => ({
      ...target,
      path: target.path.slice(run.folder.length + 1),
    }));
    return { targets, hashes: await hashFolder(run.outputs) };
  });
}

export type FaultRunOptions = {
  /** Its path relative to the run's folder. */
  fault: Fault;
  /** Of an undisturbed run's outputs; null: not compared. */
  hashes: Record<string, string> | null;
  /** May be how the daemon ends: of a kill always, of an error only before it is ready and with a word. */
  judge(run: SmallRun, life: Life): string[];
  imports?: readonly string[];
  /** A break of the disk while no daemon lives, for controls. */
  between?(run: SmallRun): Promise<void>;
};

/** A life with the fault, then one without that compares, goes on, and stops. */
export async function runFault({
  fault,
  hashes,
  judge,
  imports = [],
  between,
}: FaultRunOptions): Promise<Figures> {
  return inFolder(async (run) => {
    const aimed = { ...fault, path: join(run.folder, fault.path) };
    const label = `${fault.fault} at ${describeTarget(run, aimed)}`;
    const life = await liveTraced(run, { fault: aimed, imports });
    const problems = judge(run, life);
    if (life.fired === 0 && countReached(life.trace, aimed.call) >= aimed.nth)
      problems.push('strace let the call pass');
    await run.oracle.look();
    await between?.(run);
    const readyMs: number[] = [];
    try {
      readyMs.push(await liveOn(run));
    } catch (thrown) {
      problems.push(`the life after it: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
    const found = await run.leftOvers(hashes);
    const named = Object.entries(found).flatMap(([kind, names]) => names.map((name) => `${kind}: ${name}`));
    const { lost, twice } = run.oracle;
    return {
      ...noFigures(),
      faults: life.fired > 0 ? 1 : 0,
      lostChanges: run.lost.length + lost.length,
      lostPhotos: found.missing.length,
      doubleWrites: found.second.length + twice.length,
      partialFiles: found.partial.length,
      orphanTemps: found.temps.length,
      unreadableStates: found.unreadable.length,
      readyMs,
      problems: [...problems, ...run.problems, ...run.lost, ...lost, ...twice, ...named].map(
        (text) => `${label}: ${text}`,
      ),
    };
  });
}

/** Answers the milliseconds from spawn to ready. */
async function liveOn(run: SmallRun): Promise<number> {
  const began = performance.now();
  const daemon = await spawnServe({
    self,
    args: run.args,
    env: toTestEnvironment(),
    cwd: run.folder,
  });
  const readyMs = performance.now() - began;
  const client = createClient({ url: daemon.url });
  await run.compare(client).catch(async (thrown: unknown) => {
    await daemon.kill('SIGTERM');
    throw thrown;
  });
  const { error } = await drive(run, daemon);
  await run.oracle.look();
  await daemon.kill('SIGTERM');
  if (error !== null) throw error;
  return readyMs;
}

/** The folder stays when it throws, for a look. */
async function inFolder<T>(step: (run: SmallRun) => Promise<T>): Promise<T> {
  const run = new SmallRun(await mkdtemp(join(tmpdir(), 'photo-bridge-call-')));
  await run.prepare();
  const result = await step(run);
  await rm(run.folder, { recursive: true, force: true, maxRetries: 3 });
  return result;
}

/** Of one thread the most, as strace counts. */
function countReached(trace: string, call: string): number {
  const counts = new Map<number, number>();
  for (const made of parseTrace(trace)) {
    if (made.call === call) counts.set(made.tid, (counts.get(made.tid) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** Of the faults planned so many must happen: on a busy machine a run can make one snapshot fewer than the survey did. */
const LEAST_SHARE = 0.9;

/**
 * `runOne` over all, two at a time: they wait for the disk and for each other more than they compute. A run that never came
 * to its call is made once more; too many of them are a problem.
 */
export async function addAll<T>(jobs: readonly T[], runOne: (job: T) => Promise<Figures>): Promise<Figures> {
  const found: Figures[] = [];
  const queue = jobs.values();
  const work = async () => {
    for (const job of queue) {
      const first = await runOne(job);
      found.push(first);
      if (first.faults === 0 && isClean(first)) found.push(await runOne(job));
    }
  };
  await Promise.all([work(), work()]);
  const all = found.reduce(addFigures, noFigures());
  const least = Math.max(1, Math.floor(jobs.length * LEAST_SHARE));
  if (all.faults < least) all.problems.push(`only ${all.faults} of ${jobs.length} faults happened`);
  return all;
}

export function isClean(figures: Figures): boolean {
  return lossesOf(figures) === 0 && figures.problems.length === 0;
}
