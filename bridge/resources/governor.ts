/**
 * Decides how many tasks may run, from one reading of the load after the other (resources.md, "Governor"). A pure function of
 * the trace: no clock, no timer, no settings of its own.
 *
 * No decision is younger than two seconds when the next is taken, so each must be right. A reading covers half a second, of
 * which a load may fill a part: the first one after its beginning or its end lies somewhere between. So a busy machine is
 * believed at once, a merely less idle one when two readings agree, a better one when three do, and then as far as the
 * worse of the last two. Another program has the machine within a second; we have it back within two. The way up is one
 * step: spare cores that come back one at a time would lie idle for a minute on a large machine.
 */
import { type LoadState, loadStates, type ResourceProfile } from '../contract/index.ts';
import { type LoadCause, type LoadReading, toLoadState } from './load-state.ts';

type Named = { state: LoadState; cause: LoadCause };
export type Decision = {
  load: LoadState;
  cause: LoadCause;
  /** When the load got this name. Monotonic milliseconds. */
  sinceMs: number;
  /** Readings in a row that call for another name, and the last of them. */
  doubt: { direction: 'worse' | 'better'; count: number; last: Named } | null;
};

const SHORTEST_MS = 2000;
/** Readings that must agree. */
const NORMAL_READINGS = 2;
const BETTER_READINGS = 3;
/** Percent below a threshold before the load is called better. */
const SLACK = 5;

/** Before the first reading nothing is known of other programs. */
export const UNDECIDED: Decision = {
  load: 'idle',
  cause: 'cpu',
  sinceMs: Number.NEGATIVE_INFINITY,
  doubt: null,
};

export function decide(before: Decision, reading: LoadReading, profile: ResourceProfile): Decision {
  const exact = toLoadState(reading, profile);
  if (isWorse(exact.state, before.load)) {
    const needed = exact.state === 'normal' ? NORMAL_READINGS : 1;
    return weigh(before, { direction: 'worse', now: exact, needed, atMs: reading.atMs });
  }
  const relaxed = toLoadState(reading, profile, SLACK);
  if (!isWorse(before.load, relaxed.state)) return { ...before, cause: relaxed.cause, doubt: null };
  return weigh(before, { direction: 'better', now: relaxed, needed: BETTER_READINGS, atMs: reading.atMs });
}

function weigh(
  before: Decision,
  view: { direction: 'worse' | 'better'; now: Named; needed: number; atMs: number },
): Decision {
  const { direction, now, needed, atMs } = view;
  const earlier = before.doubt?.direction === direction ? before.doubt : null;
  const count = (earlier?.count ?? 0) + 1;
  const isRipe = atMs - before.sinceMs >= SHORTEST_MS;
  if (count < needed || !isRipe) return { ...before, doubt: { direction, count, last: now } };
  const last = direction === 'better' ? earlier?.last : undefined;
  const { state, cause } = last !== undefined && isWorse(last.state, now.state) ? last : now;
  return { load: state, cause, sinceMs: atMs, doubt: null };
}

/** A limit of 0 is a hold. `capacity`: tasks that can run at once. */
export function toLimit({ load, cause }: Decision, profile: ResourceProfile, capacity: number): number {
  switch (load) {
    case 'idle':
      return capacity;
    case 'normal':
      return Math.ceil((8 * capacity) / 10);
    case 'busy':
      return Math.max(1, Math.round(capacity / 4));
    case 'critical':
      // Less memory is used only by what does not run; low priority does not help.
      return cause === 'memory' || profile === 'quiet' ? 0 : 1;
  }
}

/**
 * Niceness of the render host. At 10 a thread a core still takes a tenth from a busy program, at 19 a sixtieth (the weights
 * of sched_prio_to_weight in the Linux kernel).
 */
export function toNice({ load }: Decision, profile: ResourceProfile, usual: number): number {
  return load === 'busy' || load === 'critical' || profile === 'quiet' ? 19 : usual;
}

/**
 * How much of a task's time counts against its deadline: while other programs have the machine, a task at the lowest
 * priority is slow without being stuck.
 */
export function toPace({ load, cause }: Decision): number {
  if (cause === 'memory') return 1;
  if (load === 'critical') return 1 / 20;
  return load === 'busy' ? 1 / 4 : 1;
}

function isWorse(a: LoadState, b: LoadState): boolean {
  return loadStates.indexOf(a) > loadStates.indexOf(b);
}
