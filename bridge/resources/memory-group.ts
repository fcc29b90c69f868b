/** The control group that leaves this process less memory than the machine has (Linux). Reads only. */
import { join } from 'node:path';
import {
  findGroupFolders,
  type GroupFolder,
  type GroupPlaces,
  readNumber,
  readText,
} from './control-groups.ts';

/** Bytes. */
export type MemoryGroup = { limit: number; available: number };

/** A machine without a limit says so with a number like this one or larger (cgroup v1). */
const NO_LIMIT = 2 ** 60;

/**
 * The group above this process in which the least is left, or null when none has a limit. Files the kernel keeps in memory and can
 * drop do not count as used: else every program that writes much would soon seem to have no memory left.
 */
export function readMemoryGroup(places: GroupPlaces = {}): MemoryGroup | null {
  return findGroupFolders('memory', places)
    .map(readGroup)
    .reduce(
      (least, group) =>
        group !== null && (least === null || group.available < least.available) ? group : least,
      null,
    );
}

function readGroup({ version, folder }: GroupFolder): MemoryGroup | null {
  const [limitFile, usageFile, prefix] =
    version === 2
      ? (['memory.max', 'memory.current', ''] as const)
      : (['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_'] as const);
  const limit = readNumber(folder, limitFile);
  const usage = readNumber(folder, usageFile);
  if (limit === null || usage === null || limit >= NO_LIMIT) return null;
  const stat = readText(join(folder, 'memory.stat')) ?? '';
  const of = (name: string) => Number(stat.match(new RegExp(`^${prefix}${name} (\\d+)`, 'm'))?.[1] ?? 0);
  const droppable = of('inactive_file') + of('active_file') - of(version === 2 ? 'file_dirty' : 'dirty');
  return { limit, available: Math.max(0, limit - usage + Math.max(0, droppable)) };
}
