/** Finds out whether another program has an inventory open, from the lock files that spreadsheet programs leave beside it. */
import { lstat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const marks: readonly { program: string; toName: (name: string) => string }[] = [
  { program: 'Excel', toName: (name) => `~$${name}` },
  { program: 'LibreOffice', toName: (name) => `.~lock.${name}#` },
];

/** Null when nobody is known to; else a sentence that says who and what to do. `path`: absolute, links resolved. */
export async function findOpenElsewhere(path: string): Promise<string | null> {
  const name = basename(path);
  for (const { program, toName } of marks) {
    const mark = join(dirname(path), toName(name));
    const isThere = await lstat(mark).then(
      () => true,
      () => false,
    );
    if (isThere)
      return `${name} is open in ${program}: close it there first (if it is not open, delete ${basename(mark)})`;
  }
  return null;
}
