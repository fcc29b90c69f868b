/** Tries in a folder what the daemon does in it, with files of its own that are gone afterwards. Touches no other file. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type FolderProbe = {
  /** The first thing that did not work, with the system's code; null: all did. */
  failed: { step: 'write' | 'sync' | 'rename' | 'hard link' | 'folder sync'; code: string } | null;
};

/** The name is one that the daemon sweeps, should this process be killed in the middle. */
export async function probeFolder(folder: string): Promise<FolderProbe> {
  const name = `.pb-probe-${randomBytes(6).toString('hex')}`;
  const [first, second, third] = ['a', 'b', 'c'].map((letter) => join(folder, `${name}-${letter}.tmp`)) as [
    string,
    string,
    string,
  ];
  let step: NonNullable<FolderProbe['failed']>['step'] = 'write';
  try {
    const handle = await open(first, 'wx', 0o600);
    try {
      await handle.writeFile('probe\n');
      step = 'sync';
      await handle.sync();
    } finally {
      await handle.close();
    }
    step = 'rename';
    await rename(first, second);
    step = 'hard link';
    await link(second, third);
    step = 'folder sync';
    await syncFolder(folder);
    return { failed: null };
  } catch (thrown) {
    return { failed: { step, code: toCode(thrown) } };
  } finally {
    for (const path of [first, second, third]) await unlink(path).catch(() => undefined);
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function toCode(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message;
}

export type FolderLook = { kind: 'there'; uid: number; mode: number } | AbsentFolder;
export type AbsentFolder =
  /** `parent`: the nearest folder above that is there. */
  | { kind: 'missing'; parent: string; canMake: boolean }
  | { kind: 'no_folder' }
  | { kind: 'unreadable'; code: string };

/** Follows links, as the daemon does. */
export async function lookAtFolder(folder: string): Promise<FolderLook> {
  try {
    const stats = await stat(folder);
    if (!stats.isDirectory()) return { kind: 'no_folder' };
    return { kind: 'there', uid: stats.uid, mode: stats.mode & 0o7777 };
  } catch (thrown) {
    const code = toCode(thrown);
    if (code !== 'ENOENT') return code === 'ENOTDIR' ? { kind: 'no_folder' } : { kind: 'unreadable', code };
  }
  const parent = await findParent(folder);
  const canMake = await access(parent, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  return { kind: 'missing', parent, canMake };
}

/** The nearest folder above that is there: what a file system call about a missing folder can be asked about. */
export async function findParent(folder: string): Promise<string> {
  let at = dirname(folder);
  while (
    dirname(at) !== at &&
    !(await stat(at).then(
      () => true,
      () => false,
    ))
  )
    at = dirname(at);
  return at;
}
