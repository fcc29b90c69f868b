/** The file of a service definition: written whole or not at all, and never over one that is not ours. */
import { lstat, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MARK } from './definition.ts';

export type DefinitionFile =
  | { kind: 'absent' }
  | { kind: 'ours'; text: string }
  /** Also a link: systemd masks a unit by one. */
  | { kind: 'foreign'; what: 'a link' | 'no regular file' | 'a file that somebody else wrote' };
/** `utf16le`: with a byte order mark, as Windows tools write it. */
export type Encoding = 'utf8' | 'utf16le';

const BOM = '\ufeff';

export async function readDefinition(path: string, encoding: Encoding): Promise<DefinitionFile> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (stats === null) return { kind: 'absent' };
  if (stats.isSymbolicLink()) return { kind: 'foreign', what: 'a link' };
  if (!stats.isFile()) return { kind: 'foreign', what: 'no regular file' };
  const text = (await readFile(path, encoding)).replace(BOM, '');
  return text.includes(MARK)
    ? { kind: 'ours', text }
    : { kind: 'foreign', what: 'a file that somebody else wrote' };
}

/** Makes the folders above. */
export async function saveDefinition(path: string, text: string, encoding: Encoding): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temp = `${path}.${process.pid}.tmp`;
  const handle = await open(temp, 'w', 0o644);
  try {
    await handle.writeFile(encoding === 'utf8' ? text : BOM + text, encoding);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temp, path);
}

export async function removeDefinition(path: string): Promise<void> {
  await unlink(path);
}
