/** Loads and validates all settings: flag over environment over file over default. Writes nothing. */
import { dirname, join, resolve } from 'node:path';
import { type Settings, settingsSchema } from '../contract/index.ts';
import { toError } from '../errors.ts';
import { type Environment, type SettingFlags, toEnvironmentEntries, toFlagEntries } from './environment.ts';
import { type FoundFile, findSettingsFile, type Place, resolveDataFolders, thisPlace } from './folders.ts';
import { layerSettings } from './layers.ts';
import type { SettingOrigin } from './origin.ts';
import { type SettingProblem, toProblems } from './problems.ts';
import { loadSettingsFile, parseSettingsText } from './settings-file.ts';

export type SettingsSource = { flags: SettingFlags; env: Environment; place?: Place };
export type LoadedSettings = {
  ok: true;
  /** Frozen all the way down; every path in it is absolute. */
  settings: Readonly<Settings>;
  origins: ReadonlyMap<string, SettingOrigin>;
  /** Null: there is no settings file. */
  file: string | null;
  dataDir: string;
  logsDir: string;
  warnings: readonly string[];
};
export type SettingsRefusal = {
  ok: false;
  /** All of them, not only the first. */
  problems: readonly SettingProblem[];
  file: string | null;
  warnings: readonly string[];
};

/** `proposed`: settings as they would be with this text in that file. */
export function loadSettings(
  source: SettingsSource,
  proposed?: { path: string; text: string },
): LoadedSettings | SettingsRefusal {
  const place = source.place ?? thisPlace(source.env);
  const found = proposed
    ? { path: proposed.path, named: true }
    : findSettingsFile(source.flags.config, place);
  const content = proposed ? readProposed(proposed) : readFound(found);
  const environment = toEnvironmentEntries(source.env);
  const { warnings } = environment;
  if (content.problem !== null) {
    return { ok: false, problems: [content.problem], file: found?.path ?? null, warnings };
  }
  const entries = [...environment.entries, ...toFlagEntries(source.flags)];
  const layered = layerSettings(content.file, entries);
  const parsed = settingsSchema.safeParse(layered.value);
  const file = content.file?.path ?? null;
  if (!parsed.success) {
    return { ok: false, problems: toProblems(parsed.error.issues, layered, file), file, warnings };
  }

  const settings = toAbsolute(parsed.data, layered.origins, place);
  return {
    ok: true,
    settings: deepFreeze(settings),
    origins: layered.origins,
    file,
    ...resolveDataFolders(settings.data_dir, found, place),
    warnings,
  };
}

type FoundContent = {
  file: { path: string; value: Readonly<Record<string, unknown>> } | null;
  problem: SettingProblem | null;
};

function readFound(found: FoundFile | null): FoundContent {
  if (found === null) return { file: null, problem: null };
  const { path } = found;
  const read = loadSettingsFile(path);
  if (read.kind === 'read') return { file: { path, value: read.value }, problem: null };
  if (read.kind === 'absent' && !found.named) return { file: null, problem: null };
  const message = read.kind === 'absent' ? 'The settings file is not there' : `The file ${read.message}`;
  const remedy =
    read.kind === 'absent' ? 'Create it or name another with --config.' : 'Repair it or remove it.';
  return { file: null, problem: toFileProblem(path, message, remedy) };
}

function readProposed({ path, text }: { path: string; text: string }): FoundContent {
  try {
    return { file: { path, value: parseSettingsText(text) }, problem: null };
  } catch (thrown) {
    return { file: null, problem: toFileProblem(path, `The file ${toError(thrown).message}`, 'Repair it.') };
  }
}

function toFileProblem(file: string, message: string, remedy: string): SettingProblem {
  return { setting: '', message, remedy, suggestion: null, origin: { kind: 'file', file } };
}

/** A relative path in the file is meant from the file's folder, elsewhere from the working folder; `~/` is the home. */
function toAbsolute(settings: Settings, origins: ReadonlyMap<string, SettingOrigin>, place: Place): Settings {
  const absolute = (key: string) => (path: string) => {
    if (path === '~' || path.startsWith('~/')) return join(place.home, path.slice(2));
    const origin = origins.get(key);
    return resolve(origin?.kind === 'file' ? dirname(origin.file) : place.cwd, path);
  };
  const { data_dir, library, output, security } = settings;
  return {
    ...settings,
    ...(data_dir === undefined ? {} : { data_dir: absolute('data_dir')(data_dir) }),
    library: {
      ...library,
      ...(library.folders === undefined ? {} : { folders: library.folders.map(absolute('library.folders')) }),
    },
    output: { ...output, folders: output.folders.map(absolute('output.folders')) },
    security: {
      ...security,
      ...(security.token_file === undefined
        ? {}
        : { token_file: absolute('security.token_file')(security.token_file) }),
    },
  };
}

export function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
