/** Which files may be read and where outputs may go (safety.md, "Paths"). Reads links, opens nothing. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, normalize, sep } from 'node:path';
import type { PathPolicy } from '../batch/ports.ts';
import { toFormReason } from './check-file.ts';

/** Asked at every check, so that changed settings count at once. All folders absolute. */
export type PathRules = {
  mode: 'any' | 'listed';
  /** Photos may be read from here, and outputs go here too. */
  sourceFolders: readonly string[];
  outputFolders: readonly string[];
};
export type SourceTest = (canonical: string) => string | null;
export type FilePathPolicy = PathPolicy & {
  /** For many paths already canonical: the folders are resolved once. */
  sourceTest(): Promise<SourceTest>;
  sourceRoots(): Promise<string[] | undefined>;
};

export function createPathPolicy(rules: () => PathRules): FilePathPolicy {
  async function sourceTest(): Promise<SourceTest> {
    const { mode, sourceFolders } = rules();
    if (mode === 'any') return () => null;
    const roots = await Promise.all(sourceFolders.map(resolveExisting));
    return (path) =>
      roots.some((root) => isInside(path, root))
        ? null
        : 'the file is outside the library folders; add its folder to "library.folders" or set "security.paths" to "any"';
  }
  return {
    sourceTest,
    async sourceRoots() {
      const { mode, sourceFolders } = rules();
      if (mode === 'any') return undefined;
      return (await Promise.all(sourceFolders.map(resolveExisting))).filter((root) => root !== '');
    },
    async source(path) {
      const badForm = toFormReason(path);
      if (badForm !== null) return badForm;
      if (rules().mode === 'any') return null;
      return (await sourceTest())(await resolveExisting(path));
    },
    async outputFolder(path) {
      const badForm = toFormReason(path);
      if (badForm !== null) return badForm;
      const { mode, sourceFolders, outputFolders } = rules();
      if (mode === 'any') return null;
      const roots = await Promise.all([...sourceFolders, ...outputFolders].map(resolveExisting));
      const real = await resolveExisting(path);
      if (roots.some((root) => isInside(real, root))) return null;
      return 'the folder is outside the output folders; add it to "output.folders" or set "security.paths" to "any"';
    },
  };
}

/** The real path of as much of `path` as exists, and the rest as it is: a folder that is yet to be made has a place too. */
async function resolveExisting(path: string): Promise<string> {
  const plain = normalize(path);
  try {
    return await realpath(plain);
  } catch (error) {
    const parent = dirname(plain);
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    // A link to nowhere, or what cannot be followed, may become anything: it has no place.
    if (parent === plain || !isGone || (await isThere(plain))) return '';
    const realParent = await resolveExisting(parent);
    return realParent === '' ? '' : join(realParent, basename(plain));
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function isInside(path: string, root: string): boolean {
  if (path === '' || root === '') return false;
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
