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
  const note = readRuntimeNote(dataDir);
  const isHolderAlive = note !== null && isAlive(note.pid);
  const result = await acquireLock(dataDir, { waitMs: isHolderAlive ? 0 : ORPHAN_WAIT_MS });
  if (result.kind === 'acquired') return result.lock;
  const who =
    note === null
      ? `process ${result.heldBy ?? 'unknown'}, which is still starting`
      : `process ${note.pid} on port ${note.port}, version ${note.version}`;
  throw new Error(
    `another photo-bridge already uses the data folder ${dataDir}: ${who}. Stop it, or start this one with another --data-dir.`,
  );
}

/** Who uses the folder, without changing anything. Throws when the lock cannot be looked at. */
export function inspectDataFolder(dataDir: string) {
  const { state, pid } = inspectLock(dataDir);
  const note = readRuntimeNote(dataDir);
  return { lock: state, lockPid: pid, note, isNotePidAlive: note !== null && isAlive(note.pid) };
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
