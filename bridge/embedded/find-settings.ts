/** The settings as a daemon started here would have them, for library functions. Creates nothing. */
import { loadSettings } from '../settings/load.ts';

export type SettingsPlace = {
  env: Readonly<Record<string, string | undefined>>;
  /** The settings file; absent: the one a daemon would read. */
  config?: string | undefined;
};

/** Rejects with an Error that says what is wrong with the settings. */
export async function findSettings({ env, config }: SettingsPlace) {
  const loaded = loadSettings({ flags: config === undefined ? {} : { config }, env });
  if (loaded.ok) return loaded;
  throw new Error(loaded.problems.map(({ message, remedy }) => `${message}: ${remedy}`).join('; '));
}
