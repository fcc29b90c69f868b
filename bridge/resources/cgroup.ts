/** The control group that leaves this process fewer cores than the machine has (Linux). Reads only. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type CpuGroup = {
  /** Cores it may use on average; a fraction is possible. */
  cores: number;
  /** CPU milliseconds everybody in it has spent. */
  busyMs(): number | null;
};

/** The tightest group above this process with a quota, or null. `root` and `membership`: `/sys/fs/cgroup`, `/proc/self/cgroup`. */
export function findCpuGroup({
  root = '/sys/fs/cgroup',
  membership = '/proc/self/cgroup',
} = {}): CpuGroup | null {
  const text = readText(membership);
  if (text === null) return null;
  const groups = text.split('\n').flatMap((line) => {
    const [, id = '', controllers = '', path = '/'] = line.match(/^(\d+):([^:]*):(.*)$/) ?? [];
    if (id === '0') return ancestors(path).map((at) => toUnified(join(root, at)));
    if (!controllers.split(',').includes('cpu')) return [];
    return ancestors(path).map((at) => toLegacy(join(root, 'cpu', at), join(root, 'cpuacct', at)));
  });
  const limited = groups.filter((group) => group !== null);
  return limited.reduce<CpuGroup | null>(
    (least, group) => (least === null || group.cores < least.cores ? group : least),
    null,
  );
}

/** `/a/b` → `/a/b`, `/a`, `/`. In a container the outer path may not exist; its own root does. */
function ancestors(path: string): string[] {
  const all: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    all.push(at);
    if (at === '/' || at === '.') return all;
  }
}

/** cgroup v2: `cpu.max` is "QUOTA PERIOD" in microseconds, or "max PERIOD". */
function toUnified(folder: string): CpuGroup | null {
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

/** cgroup v1: a quota of -1 is none. */
function toLegacy(folder: string, accounts: string): CpuGroup | null {
  const quota = Number(readText(join(folder, 'cpu.cfs_quota_us')) ?? -1);
  const period = Number(readText(join(folder, 'cpu.cfs_period_us')) ?? -1);
  if (!isPositive(quota) || !isPositive(period)) return null;
  return {
    cores: quota / period,
    busyMs: () => {
      const usage = readText(join(accounts, 'cpuacct.usage'));
      return usage === null ? null : Number(usage) / 1e6;
    },
  };
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && value > 0;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
