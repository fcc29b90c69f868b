/**
 * A real disk without hard links, in a file: FAT through the kernel where it has that, else exFAT or FAT through a user space
 * driver. Linux and root only.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type LinklessDisk = { path: string; kind: string; remove(): void };

type Kind = { kind: string; tools: readonly string[]; mount(image: string, path: string): () => void };

const kinds: readonly Kind[] = [
  {
    kind: 'vfat',
    tools: ['mkfs.vfat'],
    mount(image, path) {
      if (!/\bvfat\b/.test(readFileSync('/proc/filesystems', 'utf8'))) throw new Error('no vfat');
      run('mkfs.vfat', image);
      run('mount', '-t', 'vfat', '-o', 'loop', image, path);
      return () => {};
    },
  },
  {
    kind: 'exfat',
    tools: ['mkfs.exfat', 'mount.exfat-fuse', 'losetup'],
    mount(image, path) {
      run('mkfs.exfat', image);
      const device = run('losetup', '-f', '--show', image).trim();
      try {
        run('mount.exfat-fuse', device, path);
      } catch (error) {
        run('losetup', '-d', device);
        throw error;
      }
      // Goes once nothing uses it any more.
      return () => void spawnSync('losetup', ['-d', device]);
    },
  },
];

/** Null when such a disk can be had here, else why not. */
export function missingLinklessDisk(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount';
  const hasVfat = /\bvfat\b/.test(readFileSync('/proc/filesystems', 'utf8')) && hasTools(kinds[0]);
  if (hasVfat || (existsSync('/dev/fuse') && hasTools(kinds[1]))) return null;
  return 'neither vfat with dosfstools nor FUSE with exfat-fuse and exfatprogs';
}

/** `folder`: an existing one for its image and its mount point. */
export async function createLinklessDisk(folder: string, megabytes = 64): Promise<LinklessDisk> {
  const [image, path] = [join(folder, 'card.img'), join(folder, 'card')];
  await mkdir(path);
  for (const { kind, mount } of kinds) {
    try {
      await writeFile(image, '');
      await truncate(image, megabytes * 1024 * 1024);
      const release = mount(image, path);
      return {
        path,
        kind,
        remove() {
          spawnSync('umount', ['-l', path]);
          release();
        },
      };
    } catch {
      // The next kind may be possible.
    }
  }
  throw new Error('no disk without hard links can be made here');
}

function hasTools(kind: Kind | undefined): boolean {
  return kind?.tools.every((tool) => spawnSync('which', [tool]).status === 0) ?? false;
}

function run(tool: string, ...args: string[]): string {
  return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
