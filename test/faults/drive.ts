/** A drive of memory that a test can pull out and put back with all its files. Linux and root only. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export type Drive = {
  /** Its mount point. */
  path: string;
  pull(): void;
  plug(): void;
  setReadOnly(isReadOnly: boolean): void;
  remove(): void;
};

/** `folder`: an existing one for its parts. `options`: of tmpfs, such as `size=4m`. */
export async function createDrive(folder: string, options = 'size=64m'): Promise<Drive> {
  const [store, path] = [join(folder, 'store'), join(folder, 'drive')];
  await mkdir(store);
  await mkdir(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', store]);
  const plug = () => void execFileSync('mount', ['--bind', store, path]);
  const pull = () => void execFileSync('umount', ['-l', path]);
  plug();
  return {
    path,
    pull,
    plug,
    setReadOnly(isReadOnly) {
      execFileSync('mount', ['-o', `remount,bind,${isReadOnly ? 'ro' : 'rw'}`, path]);
    },
    remove() {
      // More than once where it was plugged in more than once.
      for (const mounted of [path, path, store]) spawnSync('umount', ['-l', mounted], { stdio: 'ignore' });
    },
  };
}
