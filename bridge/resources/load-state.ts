/** Names a load: idle, normal, busy, critical (resources.md, "Governor"), as each profile sees it. Pure; takes no decision. */
import { type LoadState, loadStates, type ResourceProfile } from '../contract/index.ts';

/** What the machine is like at one moment. Percent. */
export type LoadReading = {
  /** Monotonic milliseconds. */
  atMs: number;
  /** Of all cores, used by other programs. */
  foreignPercent: number;
  /** Of all memory, used by anybody. */
  memoryPercent: number;
  /** Of the last ten seconds in which everything waited for memory; 0 where the system does not tell. */
  memoryStallPercent: number;
};
export type LoadCause = 'cpu' | 'memory';

/** Normal begins above the first, busy and critical at the second and third. */
type Thresholds = readonly [normal: number, busy: number, critical: number];

const NEVER = Number.POSITIVE_INFINITY;
const cpuThresholds = {
  quiet: [10, 50, 80],
  balanced: [20, 80, 95],
  full: [NEVER, NEVER, NEVER],
} as const satisfies Record<ResourceProfile, Thresholds>;
/** No memory is normal: there is nothing to be gained from a little less. */
const memoryThresholds: Thresholds = [NEVER, 85, 95];
const stallThresholds: Thresholds = [NEVER, 10, 40];

/**
 * `slack`: how far below a threshold a load has still to be called by the higher name, in percent; for the way down, so that
 * a load at a threshold does not change its name all the time.
 */
export function toLoadState(
  reading: LoadReading,
  profile: ResourceProfile,
  slack = 0,
): { state: LoadState; cause: LoadCause } {
  const cpu = levelOf(reading.foreignPercent + slack, cpuThresholds[profile]);
  const memory = Math.max(
    levelOf(reading.memoryPercent + Math.min(slack, 2), memoryThresholds),
    levelOf(reading.memoryStallPercent + slack, stallThresholds),
  );
  const state = loadStates[Math.max(cpu, memory)] ?? 'critical';
  return { state, cause: memory > cpu || (memory === cpu && state === 'critical') ? 'memory' : 'cpu' };
}

function levelOf(percent: number, [normal, busy, critical]: Thresholds): number {
  if (percent >= critical) return 3;
  if (percent >= busy) return 2;
  return percent > normal ? 1 : 0;
}
