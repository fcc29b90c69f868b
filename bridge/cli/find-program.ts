/** Looks for a program in the folders of PATH, without running it. Relative entries of PATH are passed over. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import type { Environment } from './host.ts';

export type ProgramSearch = {
  name: string;
  env: Environment;
  platform: NodeJS.Platform;
  /** Folders to look in after those of PATH. */
  also?: readonly string[];
};

/** Its absolute path, or null. */
export async function findProgram({ name, env, platform, also = [] }: ProgramSearch): Promise<string | null> {
  const path = platform === 'win32' ? win32 : posix;
  const listed = (env.PATH ?? env.Path ?? '').split(path.delimiter);
  for (const folder of [...listed, ...also]) {
    if (!path.isAbsolute(folder)) continue;
    // Other kinds of Windows programs (.cmd, .bat) need a shell.
    const file = path.join(folder, platform === 'win32' ? `${name}.exe` : name);
    if (await isProgram(file)) return file;
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
