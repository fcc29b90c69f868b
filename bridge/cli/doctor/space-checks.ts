/** Free space and free names (inodes) on the drives of the data folder and of the outputs. */
import { stat, statfs } from 'node:fs/promises';
import { toSize } from '../wording.ts';
import { type Check, ok, problem, warning } from './check.ts';
import { findParent } from './folder-probe.ts';

export type Volume = {
  folder: string;
  freeBytes: number;
  totalBytes: number;
  freeInodes: number;
  /** 0: the file system has no fixed number of them. */
  totalInodes: number;
};

const LOW_BYTES = 1e9;
const NONE_BYTES = 100e6;
const LOW_INODES = 10_000;
const NONE_INODES = 1000;

/** One reading a drive, under the first of the folders that lies on it. */
export async function readVolumes(folders: readonly string[]): Promise<Volume[]> {
  const volumes = new Map<number, Volume>();
  for (const folder of folders) {
    try {
      const path = await stat(folder).then(
        () => folder,
        () => findParent(folder),
      );
      const { dev } = await stat(path);
      if (volumes.has(dev)) continue;
      const { bavail, blocks, bsize, ffree, files } = await statfs(path);
      volumes.set(dev, {
        folder,
        freeBytes: bavail * bsize,
        totalBytes: blocks * bsize,
        freeInodes: ffree,
        totalInodes: files,
      });
    } catch {
      // A folder that cannot be reached is the matter of another check.
    }
  }
  return [...volumes.values()];
}

export function toSpaceCheck({ folder, freeBytes, totalBytes }: Volume): Check {
  const percent = totalBytes === 0 ? 0 : Math.floor((100 * freeBytes) / totalBytes);
  const detail = `${toSize(freeBytes)} of ${toSize(totalBytes)} free (${percent} %) on the drive of ${folder}`;
  const remedy = 'Free some space, or choose a folder on another drive.';
  if (freeBytes < NONE_BYTES) return problem('disk', detail, remedy);
  return freeBytes < LOW_BYTES ? warning('disk', detail, remedy) : ok('disk', detail);
}

export function toInodeCheck({ folder, freeInodes, totalInodes }: Volume): Check {
  if (totalInodes === 0) return ok('inodes', `no fixed number of files on the drive of ${folder}`);
  const detail = `${freeInodes} of ${totalInodes} files can still be made on the drive of ${folder}`;
  const remedy = 'Remove files that are not needed (many small ones), or choose a folder on another drive.';
  if (freeInodes < NONE_INODES) return problem('inodes', detail, remedy);
  return freeInodes < LOW_INODES ? warning('inodes', detail, remedy) : ok('inodes', detail);
}
