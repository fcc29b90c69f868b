/** Keeps this process out of other programs' way: low priority for the CPU, the idle class for disks. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * `level`: 0..19, for this process and every program it runs. On Linux niceness belongs to a thread, so every thread is
 * set. What the system refuses (going back up without the right to) stays as it is.
 */
export function setNiceness(level: number): void {
  for (const pid of processIds()) {
    setSessionNiceness(pid, level);
    for (const thread of threadsOf(pid)) {
      try {
        setPriority(thread, level);
      } catch {
        // The thread has ended, or the system does not let us.
      }
    }
  }
}

/** Its disk requests wait for everybody else's. Threads that start later inherit it. Linux with `ionice` only. */
export function setIdleDiskClass(): void {
  if (process.platform !== 'linux') return;
  spawnSync('ionice', ['-c', '3', '-p', ...threadsOf(process.pid).map(String)], {
    stdio: 'ignore',
    timeout: 1000,
  });
}

/**
 * Linux can share the machine out among sessions before it looks at niceness (sched(7), "The autogroup feature"): one that is a
 * session of its own must lower that, too. In another's session it would lower the neighbours.
 */
function setSessionNiceness(pid: number, level: number): void {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(session) === pid) writeFileSync(`/proc/${pid}/autogroup`, String(level));
  } catch {
    // A system without it, or a process that has ended.
  }
}

/** This process and all its descendants. */
function processIds(pid: number = process.pid): number[] {
  return [
    pid,
    ...threadsOf(pid).flatMap((thread) => childrenOf(pid, thread).flatMap((child) => processIds(child))),
  ];
}

/** Where the system does not list them, 0: the process as a whole. */
function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return pid === process.pid ? [0] : [];
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
