/** Looks for an installed developing program in PATH and where its installers put it, without running it. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const appFolders: Readonly<Record<string, readonly string[]>> = {
  'darktable-cli': ['/Applications/darktable.app/Contents/MacOS'],
  'rawtherapee-cli': ['/Applications/RawTherapee.app/Contents/MacOS'],
};

/** Its absolute path, or null. Relative entries of PATH are passed over. */
export function findProgram(name: string): string | null {
  const listed = (process.env.PATH ?? process.env.Path ?? '').split(delimiter);
  const also = process.platform === 'darwin' ? (appFolders[name] ?? []) : [];
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return (
    [...listed, ...also]
      .filter((folder) => isAbsolute(folder))
      .map((folder) => join(folder, file))
      .find(isProgram) ?? null
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
