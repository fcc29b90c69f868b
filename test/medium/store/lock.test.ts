import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, type DataLock } from '../../../bridge/store/lock.ts';

let dataDir = '';
const children: ChildProcess[] = [];
const orphans: number[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const pid of orphans.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a process that tries for the lock; resolves with its first word and number. */
async function lockElsewhere(mode = ''): Promise<{ child: ChildProcess; got: string; pid: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'locking-child.ts'), dataDir, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const [got = '', pid] = line.split(' ');
  return { child, got, pid: Number(pid) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function lockHere(waitMs = 0): Promise<DataLock | null> {
  const result = await acquireLock(dataDir, { waitMs });
  return result.kind === 'acquired' ? result.lock : null;
}

describe('the lock of a data folder', () => {
  it('is refused to a second daemon while held, which learns who holds it, and free after release', async () => {
    const lock = await lockHere();
    expect(lock).not.toBeNull();
    expect(statSync(join(dataDir, 'daemon.lock')).mode & 0o777).toBe(0o600);
    expect(await lockElsewhere()).toMatchObject({ got: 'held', pid: process.pid });
    expect(await lockHere()).toBeNull();
    lock?.release();
    lock?.release();
    expect(await lockElsewhere()).toMatchObject({ got: 'acquired' });
  });

  it('is free right after its holder was killed with -9', async () => {
    const { child, got } = await lockElsewhere();
    expect(got).toBe('acquired');
    expect(await lockHere()).toBeNull();
    await kill(child);
    const lock = await lockHere();
    expect(lock).not.toBeNull();
    lock?.release();
  });

  it('stays held while its holder is frozen', async () => {
    const { child } = await lockElsewhere();
    child.kill('SIGSTOP');
    expect(await lockHere(60)).toBeNull();
    child.kill('SIGCONT');
    expect(await lockHere()).toBeNull();
  });

  it('stays held while a child that inherited it lives, and is free when that ends too', async () => {
    const { child, got, pid } = await lockElsewhere('inherit');
    orphans.push(pid);
    expect(got).toBe('acquired');
    child.kill('SIGSTOP');
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGSTOP');
    await kill(child);
    expect(await lockHere()).toBeNull();
    const waiting = lockHere(20_000);
    process.kill(pid, 'SIGKILL');
    const lock = await waiting;
    expect(lock).not.toBeNull();
    lock?.release();
  });

  it('that is already held by an inheriting child survives release by the parent', async () => {
    const lock = await lockHere();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore', lock!.fd],
    });
    children.push(child);
    await once(child, 'spawn');
    lock!.release();
    expect(await lockHere()).toBeNull();
    await kill(child);
    const again = await lockHere(5000);
    expect(again).not.toBeNull();
    again?.release();
  });
});
