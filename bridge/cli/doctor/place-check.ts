/** On what kind of drive does the data folder lie: a network share, memory, a folder that a program copies to a cloud. */
import { readFile, realpath } from 'node:fs/promises';
import { type Check, ok, warning } from './check.ts';
import { findParent } from './folder-probe.ts';

const NAME = 'place';
const REMEDY =
  'Put the data folder on a local drive, outside of such folders (--data-dir, or the setting data_dir).';

export async function checkPlace(folder: string): Promise<Check> {
  const real = await realpath(folder).catch(async () => await realpath(await findParent(folder)));
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => null);
  const type = mounts === null ? null : findFileSystem(real, parseMounts(mounts));
  return toPlaceCheck(folder, toSyncClient(real) ?? toSyncClient(folder), type);
}

export type Mount = { path: string; type: string };

/** Lines of proc_pid_mounts(5); blanks, tabs, line ends and backslashes in paths are written as octal numbers. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, path, type] = line.split(' ');
    if (path === undefined || type === undefined) return [];
    return [
      {
        path: path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
        type,
      },
    ];
  });
}

/** Type of the deepest mount above; of those on the same point the last one is what one sees. */
export function findFileSystem(path: string, mounts: readonly Mount[]): string | null {
  let found: Mount | null = null;
  for (const mount of mounts) {
    const isAbove = mount.path === '/' || path === mount.path || path.startsWith(`${mount.path}/`);
    if (isAbove && (found === null || mount.path.length >= found.path.length)) found = mount;
  }
  return found?.type ?? null;
}

const syncClients: readonly [RegExp, string][] = [
  [/^dropbox( \(.+\))?$/i, 'Dropbox'],
  [/^onedrive( ?- ?.+)?$/i, 'OneDrive'],
  [/^(icloud ?drive|mobile documents|com~apple~clouddocs)$/i, 'iCloud'],
  [/^(google ?drive(-.+)?|googledrive|my drive)$/i, 'Google Drive'],
  [/^cloudstorage$/i, 'a cloud drive'],
  [/^nextcloud$/i, 'Nextcloud'],
  [/^(box|box sync)$/i, 'Box'],
  [/^(pcloud ?drive|pcloud)$/i, 'pCloud'],
  [/^(mega|megasync)$/i, 'MEGA'],
];

/** By the names such programs give their folders; null for none. */
export function toSyncClient(path: string): string | null {
  for (const part of path.split(/[/\\]/)) {
    const known = syncClients.find(([pattern]) => pattern.test(part));
    if (known !== undefined) return known[1];
  }
  return null;
}

const NETWORK =
  /^(nfs\d?|cifs|smb\d?|smbfs|afpfs|9p|afs|ceph|glusterfs|lustre|fuse\.(sshfs|rclone|s3fs|glusterfs|davfs.*))$/;
const MEMORY = /^(tmpfs|ramfs)$/;
/** `fuseblk` is a local drive (NTFS, exFAT) and left to the check of rights. */
const FUSE = /^fuse(\.|$)/;

export function toPlaceCheck(folder: string, syncClient: string | null, type: string | null): Check {
  if (syncClient !== null) {
    return warning(
      NAME,
      `${folder} is in a folder of ${syncClient}, which may copy or replace state in use`,
      REMEDY,
    );
  }
  const kind = type ?? 'not told on this system';
  if (NETWORK.test(kind)) {
    return warning(
      NAME,
      `${folder} is on a network drive (${kind}): locks and syncs may not hold there`,
      REMEDY,
    );
  }
  if (MEMORY.test(kind)) {
    return warning(
      NAME,
      `${folder} is in memory (${kind}): it is gone after a restart of the machine`,
      REMEDY,
    );
  }
  if (FUSE.test(kind)) {
    return warning(
      NAME,
      `${folder} is on a drive run by a program (${kind}): syncs may not hold there`,
      REMEDY,
    );
  }
  return ok(NAME, type === null ? 'no sync folder' : `local drive (${kind}), no sync folder`);
}
