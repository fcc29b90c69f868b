/** Load between two CPU samples, split into our own and foreign (resources.md, "Foreign load, not total load"). Pure. */
import type { CpuSample } from './cpu-sample.ts';

/** Percent of all cores we may use, 0..100. `foreign_percent` = total - own, never below zero. */
export type CpuLoad = { total_percent: number; own_percent: number; foreign_percent: number };

export const NO_LOAD: CpuLoad = { total_percent: 0, own_percent: 0, foreign_percent: 0 };

/** Null when the samples are not apart in time, or our own account has lost something: then it would look foreign. */
export function toCpuLoad(before: CpuSample, after: CpuSample, cores: number): CpuLoad | null {
  const wallMs = after.atMs - before.atMs;
  const ownMs = after.ownMs - before.ownMs;
  if (wallMs <= 0 || cores <= 0 || ownMs < 0) return null;
  const percent = (cpuMs: number) => Math.min(100, Math.max(0, (100 * cpuMs) / (wallMs * cores)));
  const own = percent(ownMs);
  const total = Math.max(own, percent(after.busyMs - before.busyMs));
  return { total_percent: total, own_percent: own, foreign_percent: total - own };
}
