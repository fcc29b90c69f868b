/** Turns `PHOTO_BRIDGE_*` variables and command line flags into setting entries. Validates nothing. */
import { parseSettingText, toNearest } from '../contract/index.ts';
import type { SettingEntry } from './origin.ts';
import { type SettingPath, settingPaths } from './setting-paths.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type SettingFlags = {
  port?: number | string | undefined;
  host?: string | undefined;
  dataDir?: string | undefined;
  config?: string | undefined;
  logLevel?: string | undefined;
};

const PREFIX = 'PHOTO_BRIDGE_';
/** They tell where the settings are, and where the daemon of a command is. */
const notSettings: ReadonlySet<string> = new Set(['PHOTO_BRIDGE_CONFIG', 'PHOTO_BRIDGE_URL']);
const shortNames: Readonly<Record<string, string>> = {
  PHOTO_BRIDGE_PORT: 'server.port',
  PHOTO_BRIDGE_HOST: 'server.host',
  ACTIVITYPUB_INSTANCE_URL: 'captions.server_url',
  ACTIVITYPUB_ACCESS_TOKEN: 'captions.token',
};
const flagPaths = {
  port: { name: '--port', path: ['server', 'port'], type: 'integer' },
  host: { name: '--host', path: ['server', 'host'], type: 'string' },
  dataDir: { name: '--data-dir', path: ['data_dir'], type: 'string' },
  logLevel: { name: '--log-level', path: ['log', 'level'], type: 'string' },
} as const;

const byVariable: ReadonlyMap<string, SettingPath> = new Map(
  settingPaths.map((setting) => [PREFIX + setting.path.join('_').toUpperCase(), setting]),
);
const byKey: ReadonlyMap<string, SettingPath> = new Map(
  settingPaths.map((setting) => [setting.key, setting]),
);

/** The long name `PHOTO_BRIDGE_SERVER_PORT` wins over the short `PHOTO_BRIDGE_PORT`. An empty value counts as not set. */
export function toEnvironmentEntries(env: Environment): { entries: SettingEntry[]; warnings: string[] } {
  const entries: SettingEntry[] = [];
  const warnings: string[] = [];
  const names = Object.keys(env).filter(
    (name) => (name.startsWith(PREFIX) && !notSettings.has(name)) || name in shortNames,
  );
  for (const name of names.sort((a, b) => Number(b in shortNames) - Number(a in shortNames))) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const setting = byVariable.get(name) ?? byKey.get(shortNames[name] ?? '');
    if (setting === undefined) {
      const meant = toNearest(name, [...byVariable.keys(), ...Object.keys(shortNames)]);
      if (meant !== null) warnings.push(`${name} is not a setting and was ignored; did you mean ${meant}?`);
      continue;
    }
    const value = parseSettingText(text, setting.type);
    entries.push({ path: setting.path, value, origin: { kind: 'environment', name } });
  }
  return { entries, warnings };
}

export function toFlagEntries(flags: SettingFlags): SettingEntry[] {
  const entries: SettingEntry[] = [];
  for (const [flag, { name, path, type }] of Object.entries(flagPaths)) {
    const given = flags[flag as keyof typeof flagPaths];
    if (given === undefined) continue;
    const value = typeof given === 'string' ? parseSettingText(given, type) : given;
    entries.push({ path, value, origin: { kind: 'flag', name } });
  }
  return entries;
}
