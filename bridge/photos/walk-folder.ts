/** Finds the files of a folder that may be photos, by name. Opens none of them. */
import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BridgeError, toError } from '../errors.ts';
import { createGlob } from './glob.ts';
import { compareNames, sortPaced } from './name-order.ts';
import { createPacer } from './paced-map.ts';
import { hasImageExtension } from './signature.ts';

export type WalkOptions = {
  /** Absolute. */
  folder: string;
  /** Without a slash it means names at any depth, with one paths from the folder; case does not matter. */
  glob?: string | undefined;
  recursive: boolean;
};

type Entry = { name: string; kind: 'file' | 'folder' | 'link' };

/** Hidden files (so also our own temp files) and hidden folders are passed over. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/**
 * Absolute paths in name order, folder by folder. Linked folders are entered once, loops end. A folder inside that cannot
 * be read is passed over; the outermost one that cannot rejects with the system's error.
 */
export async function walkFolder({ folder, glob, recursive }: WalkOptions): Promise<string[]> {
  const matches = toMatcher(glob);
  const seen = new Set<string>();
  const found: string[] = [];
  const pace = createPacer();

  async function enter(path: string, relative: string): Promise<void> {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    for (const { name, kind } of await readEntries(path)) {
      const inner = relative === '' ? name : `${relative}/${name}`;
      const child = join(path, name);
      const isFolder = kind === 'folder' || (kind === 'link' && (await isLinkedFolder(child)));
      if (isFolder && recursive) await enter(child, inner).catch(() => {});
      else if (!isFolder && hasImageExtension(name) && matches(inner)) found.push(child);
      await pace();
    }
  }
  await enter(folder, '');
  return found;
}

/** A glob for `walkFolder`, as a test of a path relative to the folder, with `/`. */
function toMatcher(glob: string | undefined): (relative: string) => boolean {
  if (glob === undefined || glob === '') return () => true;
  const matches = toGlob(glob);
  return glob.includes('/') ? matches : (path) => matches(path.slice(path.lastIndexOf('/') + 1));
}

function toGlob(glob: string): (path: string) => boolean {
  try {
    return createGlob(glob);
  } catch (thrown) {
    throw new BridgeError('bad_request', toError(thrown).message, { field: 'glob' });
  }
}

async function readEntries(folder: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of await opendir(folder, { bufferSize: 256 })) {
    if (isHidden(entry.name)) continue;
    if (entry.isDirectory()) entries.push({ name: entry.name, kind: 'folder' });
    else if (entry.isFile()) entries.push({ name: entry.name, kind: 'file' });
    else if (entry.isSymbolicLink()) entries.push({ name: entry.name, kind: 'link' });
    // Some file systems do not tell the kind of an entry: it is found out like a link's.
    else if (!entry.isFIFO() && !entry.isSocket() && !entry.isBlockDevice() && !entry.isCharacterDevice()) {
      entries.push({ name: entry.name, kind: 'link' });
    }
  }
  return sortPaced(entries, (a, b) => compareNames(a.name, b.name));
}

async function isLinkedFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
