/** Looks at processes and ends them, for the tests that kill. Linux only. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { self } from './daemon.ts';

export function isRunning(pid: number): boolean {
  try {
    // A zombie has ended; it only waits for its parent.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A daemon's render hosts: what else it starts (a program that keeps the machine awake) is none of them. */
export async function hostsOf(daemonPid: number): Promise<number[]> {
  const children = await childrenOf(daemonPid);
  const commands = await Promise.all(
    children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, index) => commands[index]?.includes('host.ts'));
}

/** The process ids of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** A daemon that dies while it recovers. */
export async function killDuringStart(dataDir: string): Promise<void> {
  const child = spawn(self.node, [self.entry, 'serve', '--port', '0', '--data-dir', dataDir], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const locked = join(dataDir, 'daemon.lock');
  while (child.exitCode === null && !(await holdsOpen(child.pid ?? 0, locked))) await delay(2);
  child.kill('SIGKILL');
  await ended;
}

/** Whether the process has the file open: a daemon opens its lock right before it recovers. */
async function holdsOpen(pid: number, path: string): Promise<boolean> {
  const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(
    links.map((link) => readlink(`/proc/${pid}/fd/${link}`).catch(() => null)),
  );
  return targets.includes(path);
}
