/** Finds the shared sample files beside the repository. Where they are missing, tests on them are skipped, never in CI. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** The folder, or null after saying so. With the environment's CI set a missing folder is an error. */
export function sharedFolder(name: string): string | null {
  const folder = join(root, name);
  // Answers name photos by their real path.
  if (existsSync(folder)) return realpathSync(folder);
  if (process.env.CI) throw new Error(`${folder} is missing`);
  console.log(`skipped: ${folder} is missing`);
  return null;
}

/** All files below `folder`, as sorted paths relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}
