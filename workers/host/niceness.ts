/** Keeps this process out of other programs' way: low priority for the CPU, the idle class for disks. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * `level`: 0..19, for this process and every program it runs. On Linux niceness belongs to a thread, so every thread is
 * set. What the system refuses (going back up without the right to) stays as it is.
 */
export function setNiceness(level: number): void {
  setSessionNiceness(level);
  for (const thread of threadIds()) {
    try {
      setPriority(thread, level);
    } catch {
      // The thread has ended, or the system does not let us.
    }
  }
}

/** Its disk requests wait for everybody else's. Threads that start later inherit it. Linux with `ionice` only. */
export function setIdleDiskClass(): void {
  if (process.platform !== 'linux') return;
  spawnSync('ionice', ['-c', '3', '-p', ...threadIds().map(String)], { stdio: 'ignore', timeout: 1000 });
}

/**
 * Linux can share the machine out among sessions before it looks at niceness (sched(7), "The autogroup feature"): one that is a
 * session of its own must lower that, too. In another's session it would lower the neighbours.
 */
function setSessionNiceness(level: number): void {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(session) === process.pid) writeFileSync('/proc/self/autogroup', String(level));
  } catch {
    // A system without it.
  }
}

function threadIds(): number[] {
  try {
    return threadsOf(process.pid);
  } catch {
    return [0];
  }
}

/** Of the process and all its descendants. */
function threadsOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return threads.flatMap((thread) => [thread, ...childrenOf(pid, thread).flatMap(livingThreadsOf)]);
}

function livingThreadsOf(pid: number): number[] {
  try {
    return threadsOf(pid);
  } catch {
    return [];
  }
}

function childrenOf(pid: number, thread: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
