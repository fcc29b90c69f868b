/** Finds the settings file, the data folder and the log folder (http-api.md, "Starting the daemon"). Creates none. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from './environment.ts';

export const SETTINGS_FILE = 'bridge.config.json';

/** What the search depends on, so that every platform can be tested on any. */
export type Place = { cwd: string; env: Environment; platform: NodeJS.Platform; home: string };

export function thisPlace(env: Environment): Place {
  return { cwd: process.cwd(), env, platform: process.platform, home: os.homedir() };
}

/** The platform's folder for this application's data, per user. */
export function resolveApplicationFolder({ env, platform, home }: Place): string {
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Photo Bridge');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Photo Bridge');
  // The base directory specification says to ignore a relative XDG_DATA_HOME.
  const base = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(home, '.local', 'share');
  return join(base, 'photo-bridge');
}

/** `named`: the person asked for that very file, so it has to be there. */
export type FoundFile = { path: string; named: boolean };

/** `--config`, then `PHOTO_BRIDGE_CONFIG`, then the working folder's, then the application folder's; null: none. */
export function findSettingsFile(flag: string | undefined, place: Place): FoundFile | null {
  const named = flag || place.env.PHOTO_BRIDGE_CONFIG;
  if (named) return { path: resolve(place.cwd, named), named: true };
  const candidates = [place.cwd, resolveApplicationFolder(place)].map((folder) =>
    join(folder, SETTINGS_FILE),
  );
  const path = candidates.find((candidate) => existsSync(candidate));
  return path === undefined ? null : { path, named: false };
}

/** Absolute. `dataDir`: the setting, already absolute; logs then go inside it. */
export function resolveDataFolders(
  dataDir: string | undefined,
  file: FoundFile | null,
  place: Place,
): { dataDir: string; logsDir: string } {
  if (dataDir !== undefined) return { dataDir, logsDir: join(dataDir, 'logs') };
  const application = resolveApplicationFolder(place);
  const beside = file === null ? application : dirname(file.path);
  if (beside === application) return { dataDir: application, logsDir: join(application, 'logs') };
  return { dataDir: join(beside, 'data'), logsDir: join(beside, 'logs') };
}
