/**
 * CPU time of this daemon and of everything it has started: render hosts, and the programs they run. Reads only. Where
 * there is no `/proc`, the hosts' own word for it counts.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports process times in ticks of USER_HZ, which is 100 on every architecture Node runs on (proc(5)). */
const MS_PER_TICK = 10;

/**
 * Milliseconds since the daemon began. What has ended is in its parent's account, so that no host that comes or goes between
 * two readings looks like another program's work. `hostsMs`: what the hosts report of themselves, ended ones included.
 */
export function readOwnCpuMs(hostsMs: () => number): number {
  if (process.platform === 'linux') {
    const tree = readTreeMs(process.pid);
    if (tree !== null) return tree;
  }
  const own = process.cpuUsage();
  return (own.user + own.system) / 1000 + hostsMs();
}

/** A process with all its descendants, living and ended; null when it is gone. The daemon must have ended and awaited none itself. */
export function readTreeMs(pid: number): number | null {
  const stat = readText(`/proc/${pid}/stat`);
  const own = stat === null ? null : parseProcessMs(stat);
  if (own === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (readTreeMs(child) ?? 0), own);
}

/**
 * Fields 14 to 17 of proc_pid_stat(5): user and system time, its own and that of children it has waited for. The name in
 * field 2 may hold blanks and brackets, so count after the last one.
 */
export function parseProcessMs(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return fields.length > 15 && Number.isFinite(ticks) ? ticks * MS_PER_TICK : null;
}

/** Each thread has its own list of the processes it started. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const text = readText(`/proc/${pid}/task/${thread}/children`);
      return text === null ? [] : text.split(' ').filter(Boolean).map(Number);
    });
  } catch {
    return [];
  }
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
