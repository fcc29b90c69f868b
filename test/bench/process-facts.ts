/** CPU time and memory of other processes, from Linux' /proc. All threads count, also those that have ended. */
import { existsSync, readFileSync } from 'node:fs';

/** Linux tells process times in hundredths of a second (USER_HZ), whatever the kernel's own clock. */
const TICK_MS = 10;
const USER_TIME = 14;
const SYSTEM_TIME = 15;

export const hasProc = existsSync('/proc/self/stat');

/** Milliseconds of CPU so far; 0 once the process is gone. */
export function cpuOf(pid: number): number {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field is the command in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_TIME - 3] ?? 0) + Number(fields[SYSTEM_TIME - 3] ?? 0)) * TICK_MS;
}

/** Megabytes: resident now, and the most it ever was. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readText(`/proc/${pid}/status`);
  const read = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** The child of `pid` whose command line holds `text`. */
export function childOf(pid: number, text: string): number | null {
  const children = readText(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.find((child) => readText(`/proc/${child}/cmdline`).includes(text)) ?? null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
