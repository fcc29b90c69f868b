/** The data folder of one daemon: its lock, and the note that tells other programs where the daemon listens. */
import { readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from './store/atomic-write.ts';
import { acquireLock, type DataLock, inspectLock } from './store/lock.ts';

const runtimeSchema = z.object({
  pid: z.int(),
  port: z.int(),
  url: z.string(),
  version: z.string(),
  started_at: z.string(),
});
export type RuntimeNote = z.infer<typeof runtimeSchema>;

/** An orphaned render host gives the lock back within moments of its daemon's death. */
const ORPHAN_WAIT_MS = 3000;

/** Creates the folder and takes its lock, or throws an Error that names who holds it. */
export async function claimDataFolder(dataDir: string): Promise<DataLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const result = await acquireLock(dataDir, {
    waitMs: ORPHAN_WAIT_MS,
    isForGood: (heldBy) => isAlive(heldBy ?? readRuntimeNote(dataDir)?.pid ?? null),
  });
  if (result.kind === 'acquired') return result.lock;
  throw new Error(
    `another photo-bridge already uses the data folder ${dataDir}: ${describeHolder(dataDir, result.heldBy)}. Stop it, or start this one with another --data-dir.`,
  );
}

/** The note can be older than the lock: of a daemon that was killed, while the holder is still starting. */
function describeHolder(dataDir: string, heldBy: number | null): string {
  const note = readRuntimeNote(dataDir);
  if (note !== null && (heldBy === null || heldBy === note.pid) && isAlive(note.pid))
    return `process ${note.pid} on port ${note.port}, version ${note.version}`;
  if (heldBy === null) return 'a process that could not be found out';
  return isAlive(heldBy)
    ? `process ${heldBy}, which is still starting`
    : `a render host that process ${heldBy}, which has ended, left behind`;
}

/** Who uses the folder, without changing anything. Throws when the lock cannot be looked at. */
export function inspectDataFolder(dataDir: string) {
  const { state, pid } = inspectLock(dataDir);
  const note = readRuntimeNote(dataDir);
  return { lock: state, lockPid: pid, note, isNotePidAlive: isAlive(note?.pid ?? null) };
}

export function readRuntimeNote(dataDir: string): RuntimeNote | null {
  try {
    return runtimeSchema.parse(JSON.parse(readFileSync(join(dataDir, 'runtime.json'), 'utf8')));
  } catch {
    return null;
  }
}

export async function saveRuntimeNote(dataDir: string, note: RuntimeNote): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(note, null, 2)}\n`);
  await writeAtomically({ path: join(dataDir, 'runtime.json'), pieces: [text], sync: false });
}

export function removeRuntimeNote(dataDir: string): void {
  rmSync(join(dataDir, 'runtime.json'), { force: true });
}

function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** It has ended; only its parent has not asked yet. (proc_pid_stat(5): the state is behind the name in brackets.) */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
