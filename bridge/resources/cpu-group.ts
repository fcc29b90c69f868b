/** The control group that leaves this process fewer cores than the machine has (Linux). Reads only. */
import { join } from 'node:path';
import {
  findGroupFolders,
  type GroupFolder,
  type GroupPlaces,
  readNumber,
  readText,
} from './control-groups.ts';

export type CpuGroup = {
  /** Cores it may use on average; a fraction is possible. */
  cores: number;
  /** CPU milliseconds everybody in it has spent. */
  busyMs(): number | null;
};

/** The tightest group above this process with a quota, or null. */
export function findCpuGroup(places: GroupPlaces = {}): CpuGroup | null {
  const groups = findGroupFolders('cpu', places).map((group) =>
    group.version === 2 ? toUnified(group) : toLegacy(group),
  );
  return groups.reduce<CpuGroup | null>(
    (least, group) => (group !== null && (least === null || group.cores < least.cores) ? group : least),
    null,
  );
}

/** cgroup v2: `cpu.max` is "QUOTA PERIOD" in microseconds, or "max PERIOD". */
function toUnified({ folder }: GroupFolder): CpuGroup | null {
  const [quota, period] = (readText(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
  if (!isPositive(quota) || !isPositive(period)) return null;
  return {
    cores: quota / period,
    busyMs: () => {
      const usage = readText(join(folder, 'cpu.stat'))?.match(/^usage_usec (\d+)/m)?.[1];
      return usage === undefined ? null : Number(usage) / 1000;
    },
  };
}

/** cgroup v1: a quota of -1 is none. Its account is kept by another controller, at the same path. */
function toLegacy({ folder }: GroupFolder): CpuGroup | null {
  const quota = readNumber(folder, 'cpu.cfs_quota_us');
  const period = readNumber(folder, 'cpu.cfs_period_us');
  if (!isPositive(quota) || !isPositive(period)) return null;
  const accounts = folder.replace(/\/cpu(?=\/|$)/, '/cpuacct');
  return {
    cores: quota / period,
    busyMs: () => {
      const usage = readNumber(accounts, 'cpuacct.usage');
      return usage === null ? null : usage / 1e6;
    },
  };
}

function isPositive(value: number | null | undefined): value is number {
  return typeof value === 'number' && value > 0;
}
