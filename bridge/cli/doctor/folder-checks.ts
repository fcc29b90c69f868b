/** Can the data folder and the output folders be used, and are they closed to other users. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { User } from '../host.ts';
import { type Check, ok, problem, warning } from './check.ts';
import { type AbsentFolder, type FolderProbe, lookAtFolder, probeFolder } from './folder-probe.ts';

/** May be open to others: what is in them the photographer shares or chose. The daemon makes the rest 0700 and 0600. */
const SHARED = new Set(['photos', 'outputs', 'presets', '.gitkeep']);

export async function checkDataFolder(folder: string, user: User): Promise<Check[]> {
  const look = await lookAtFolder(folder);
  if (look.kind !== 'there') return [toAbsentCheck('data folder', folder, look, '--data-dir')];
  const checks = [ok('data folder', folder), toRightsCheck('rights', folder, await probeFolder(folder))];
  if (user.uid === null) return checks;
  return [
    ...checks,
    toPrivacyCheck({ folder, look, uid: user.uid, open: await findOpen(folder, look.mode) }),
  ];
}

export async function checkOutputFolder(folder: string): Promise<Check> {
  const look = await lookAtFolder(folder);
  if (look.kind !== 'there') return toAbsentCheck('output folder', folder, look, 'output.folders');
  return toRightsCheck('output folder', folder, await probeFolder(folder));
}

function toAbsentCheck(name: string, folder: string, look: AbsentFolder, setting: string) {
  switch (look.kind) {
    case 'missing':
      return look.canMake
        ? ok(name, `${folder} (not there yet; it will be made)`)
        : problem(
            name,
            `${folder} is not there and cannot be made in ${look.parent}`,
            `Make it yourself, or choose another folder (${setting}).`,
          );
    case 'no_folder':
      return problem(name, `${folder} is no folder`, `Choose another folder (${setting}).`);
    case 'unreadable':
      return problem(
        name,
        `${folder} cannot be reached (${look.code})`,
        `Give yourself the right to it, or choose another folder (${setting}).`,
      );
  }
}

const remedies: Record<string, string> = {
  EACCES: 'Give yourself the right to write there, or choose another folder.',
  EPERM: 'Give yourself the right to write there, or choose another folder.',
  EROFS: 'The drive is mounted read-only: mount it for writing, or choose another folder.',
  ENOSPC: 'The drive is full: free some space.',
  EDQUOT: 'Your quota on this drive is used up: free some space.',
};

export function toRightsCheck(name: string, folder: string, { failed }: FolderProbe): Check {
  if (failed === null) return ok(name, `${folder}: write, sync, rename and hard link work`);
  const detail = `${folder}: ${failed.step} fails (${failed.code})`;
  if (failed.step === 'hard link') {
    // `link` is what puts a finished output in place without ever overwriting another file.
    return problem(
      name,
      detail,
      'Choose a folder on a drive with hard links (ext4, APFS, NTFS; not FAT or exFAT).',
    );
  }
  return problem(name, detail, remedies[failed.code] ?? 'Check the drive, or choose another folder.');
}

/** What of the daemon's own in the folder others may read. Nobody gets past a folder that is closed itself. */
async function findOpen(folder: string, mode: number): Promise<string[]> {
  if ((mode & 0o077) === 0) return [];
  const names = await readdir(folder).catch(() => []);
  const open: string[] = [];
  for (const name of names.filter((each) => !SHARED.has(each))) {
    const stats = await lstat(join(folder, name)).catch(() => null);
    if (stats !== null && !stats.isSymbolicLink() && (stats.mode & 0o077) !== 0) open.push(name);
  }
  return open.sort();
}

type Privacy = { folder: string; look: { uid: number; mode: number }; uid: number; open: readonly string[] };

export function toPrivacyCheck({ folder, look, uid, open }: Privacy): Check {
  const mode = look.mode.toString(8).padStart(4, '0');
  if (look.uid !== uid) {
    const detail = `${folder} belongs to user ${look.uid}, you are ${uid}`;
    return problem(
      'privacy',
      detail,
      'Run Photo Bridge as that user, or choose a folder of your own (--data-dir).',
    );
  }
  if ((look.mode & 0o022) !== 0) {
    return problem(
      'privacy',
      `other users may write in ${folder} (mode ${mode})`,
      `Run: chmod 700 ${quote(folder)}`,
    );
  }
  if (open.length > 0) {
    const named = open.slice(0, 5).join(', ');
    return warning(
      'privacy',
      `other users may read in ${folder} (mode ${mode}): ${named}`,
      `Run: chmod 700 ${quote(folder)}`,
    );
  }
  return ok(
    'privacy',
    (look.mode & 0o077) === 0 ? `only you (mode ${mode})` : `yours (mode ${mode}), its state is private`,
  );
}

/** For a shell, so that the line can be pasted. */
export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
