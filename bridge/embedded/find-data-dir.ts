/** The data folder that the settings name, for library functions that were given none. Creates nothing. */
import { loadSettings } from '../settings/load.ts';

/** Rejects with an Error that says what is wrong with the settings. */
export async function findDataDir(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const loaded = loadSettings({ flags: {}, env });
  if (loaded.ok) return loaded.dataDir;
  throw new Error(loaded.problems.map(({ message, remedy }) => `${message}: ${remedy}`).join('; '));
}
