/** A small disk of memory that tests can fill up. Linux and root only. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type SmallDisk = {
  /** Where it is mounted. */
  path: string;
  /** Leaves no byte free. */
  fill(): void;
  /** Leaves no inode free. */
  fillInodes(): void;
  /** Frees what was filled. */
  free(): void;
  remove(): Promise<void>;
};

/** Null when small disks can be had here, else why not. */
export function missingSmallDisk(): string | null {
  if (process.platform !== 'linux') return 'tmpfs is of Linux';
  return process.getuid?.() === 0 ? null : 'only root may mount';
}

export async function createSmallDisk(options: { megabytes: number; inodes?: number }): Promise<SmallDisk> {
  const path = join(await mkdtemp(join(tmpdir(), 'photo-bridge-disk-')), 'disk');
  await mkdir(path);
  const inodes = options.inodes === undefined ? '' : `,nr_inodes=${options.inodes}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.megabytes}m${inodes}`, 'tmpfs', path]);
  const filler = join(path, 'filler');
  const inodeFiller = join(path, 'filler-inodes');
  return {
    path,
    fill() {
      for (const piece of [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)])
        untilRefused(() => appendFileSync(filler, piece));
    },
    fillInodes() {
      mkdirSync(inodeFiller);
      let count = 0;
      untilRefused(() => writeFileSync(join(inodeFiller, String(count++)), ''));
    },
    free() {
      rmSync(filler, { force: true });
      rmSync(inodeFiller, { recursive: true, force: true });
    },
    async remove() {
      execFileSync('umount', ['-l', path]);
      await rm(join(path, '..'), { recursive: true, force: true });
    },
  };
}

function untilRefused(step: () => void): void {
  for (;;) {
    try {
      step();
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC') return;
      throw thrown;
    }
  }
}
