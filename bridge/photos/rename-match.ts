/** Tells which new file is a vanished photo under another name. Pure; reads nothing. */
import { extname } from 'node:path';
import type { FileIdentity, PhotoFile } from './photo-record.ts';

export type Vanished = PhotoFile & { id: number };

/**
 * Photo id per new path. First by the file itself (inode with its birth, or with size and time where no birth is known);
 * then, for a photo moved from another disk, by size and time, when exactly one vanished and one new file have them.
 */
export function matchRenames(
  vanished: readonly Vanished[],
  added: readonly PhotoFile[],
): Map<string, number> {
  const matches = new Map<string, number>();
  const taken = new Set<number>();
  const byInode = Map.groupBy(vanished, ({ identity }) => String(identity.ino));
  for (const file of added) {
    const same = byInode
      .get(String(file.identity.ino))
      ?.find((one) => !taken.has(one.id) && isSameFile(one.identity, file.identity));
    if (same === undefined) continue;
    matches.set(file.path, same.id);
    taken.add(same.id);
  }
  const left = Map.groupBy(
    vanished.filter(({ id }) => !taken.has(id)),
    toLikeness,
  );
  const fresh = Map.groupBy(
    added.filter(({ path }) => !matches.has(path)),
    toLikeness,
  );
  for (const [likeness, files] of fresh) {
    const [file, ...otherFiles] = files;
    const [one, ...others] = left.get(likeness) ?? [];
    if (file === undefined || one === undefined || otherFiles.length > 0 || others.length > 0) continue;
    matches.set(file.path, one.id);
  }
  return matches;
}

/** An inode number is used again after a delete, so it does not suffice. */
function isSameFile(before: FileIdentity, now: FileIdentity): boolean {
  if (before.ino !== now.ino) return false;
  if (before.born > 0 && before.born === now.born) return true;
  return before.dev === now.dev && before.size === now.size && before.modified === now.modified;
}

function toLikeness({ path, identity }: PhotoFile): string {
  return `${identity.size} ${identity.modified} ${extname(path).toLowerCase()}`;
}
