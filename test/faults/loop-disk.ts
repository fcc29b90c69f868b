/**
 * Small ext4 disks in image files whose power can be cut: what was not synced is gone, what was is replayed from the disk's
 * own journal. Linux and root only.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** `EXT4_IOC_SHUTDOWN` is `_IOR('X', 125, __u32)`; flag 2 (`EXT4_GOING_FLAGS_NOLOGFLUSH`): its journal is not flushed. */
const CUT = `
import fcntl, os, struct, sys
disks = [os.open(path, os.O_RDONLY) for path in sys.argv[1:]]
for disk in disks:
    fcntl.ioctl(disk, 0x8004587d, struct.pack('I', 2))
`;
/** Where there are several, the system's own starts at once. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const PATIENCE = { tries: 100, ms: 100 };

export type LoopDisk = {
  /** Where it is mounted. */
  readonly path: string;
  /** After a cut, when no process uses it any more: off, checked without being changed when asked to, and on again. */
  restart(options?: { check?: boolean }): Promise<void>;
  remove(): Promise<void>;
};

/** Null when such disks can be had here, else why not. With the environment's CI set a missing tool is an error. */
export async function missingLoopDisk(): Promise<string | null> {
  if (process.platform !== 'linux') return 'power cuts need the ext4 of Linux';
  if (process.getuid?.() !== 0) return 'only root may mount';
  try {
    await execute(python, ['-c', 'import fcntl']);
    await execute('mkfs.ext4', ['-V']);
  } catch (error) {
    if (process.env.CI)
      throw new Error('python3 and mkfs.ext4 must be there where CI is set', { cause: error });
    return 'python3 or mkfs.ext4 is missing';
  }
  try {
    const disk = await createLoopDisk({ megabytes: 8 });
    try {
      await cutPower([disk]);
      await disk.restart();
    } finally {
      await disk.remove();
    }
    return null;
  } catch (error) {
    return `no loop device, or no ext4 that can be shut down: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}

export async function createLoopDisk({ megabytes }: { megabytes: number }): Promise<LoopDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'photo-bridge-loop-'));
  const image = join(folder, 'disk.img');
  const path = join(folder, 'disk');
  writeFileSync(image, '');
  truncateSync(image, megabytes * 1024 * 1024);
  mkdirSync(path);
  await execute('mkfs.ext4', ['-q', '-F', image]);
  const mount = () => execute('mount', ['-o', 'loop', image, path]);
  await mount();
  const stop = () => lazily(path);
  process.once('exit', stop);
  return {
    path,
    async restart({ check = false } = {}) {
      await unmount(path);
      // A disk that needs its journal replayed is not clean yet: on a copy, so that the mount does it on the real one.
      if (check) await checkCopy(image);
      await mount();
    },
    async remove() {
      process.off('exit', stop);
      await unmount(path).catch(stop);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Of all of them within less than a millisecond. */
export async function cutPower(disks: readonly LoopDisk[]): Promise<void> {
  await execute(python, ['-c', CUT, ...disks.map(({ path }) => path)]);
}

/** Whoever still has a file open holds it; dead processes let go within moments. */
async function unmount(path: string): Promise<void> {
  for (let left = PATIENCE.tries; ; left -= 1) {
    try {
      await execute('umount', [path]);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await delay(PATIENCE.ms);
    }
  }
}

/** Replays the journal on a copy and asks whether all is well after it. Rejects with what is not. */
async function checkCopy(image: string): Promise<void> {
  const copy = `${image}.copy`;
  await execute('cp', ['--sparse=always', image, copy]);
  try {
    // 1: what the replay did counts as errors corrected.
    await execute('e2fsck', ['-p', copy]).catch((error: { code?: number }) => {
      if (error.code !== 1) throw error;
    });
    await execute('e2fsck', ['-f', '-n', copy]);
  } finally {
    rmSync(copy, { force: true });
  }
}

/** The last resort, also when the process ends in the middle. */
function lazily(path: string): void {
  if (!existsSync(path)) return;
  try {
    execFileSync('umount', ['-l', path], { stdio: 'ignore' });
  } catch {
    // Not mounted.
  }
}
