/** Runs one program to its end and tells the CPU time of it and of all its own children. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Command } from './peer.ts';

/** Linux tells process times in hundredths of a second (USER_HZ). */
const TICK_MS = 10;
const CHILDREN_USER_TIME = 16;
const CHILDREN_SYSTEM_TIME = 17;
const DEADLINE_MS = 600_000;

/** Milliseconds of CPU of this process's children that have ended, with theirs; steps of 10. */
export function endedChildrenCpu(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is the command in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[CHILDREN_USER_TIME - 3]) + Number(fields[CHILDREN_SYSTEM_TIME - 3])) * TICK_MS;
}

/** Milliseconds of CPU, user and system. Rejects with what it said when it fails. No other child may end meanwhile. */
export async function runChild({ program, args, env }: Command): Promise<number> {
  const before = endedChildrenCpu();
  const child = spawn(program, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let said = '';
  const hear = (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}: ${said.trim()}`);
  return endedChildrenCpu() - before;
}
