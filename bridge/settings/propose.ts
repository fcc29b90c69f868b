/** What a patch would make of the settings: the new text of the file, or every reason against it. Writes nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HIDDEN_VALUE, type SettingsPatch } from '../contract/index.ts';
import { toEnvironmentEntries, toFlagEntries } from './environment.ts';
import { findSettingsFile, resolveApplicationFolder, SETTINGS_FILE, thisPlace } from './folders.ts';
import { mergeJsonText } from './json-edit.ts';
import { parseJsonText, toJsonValue } from './json-text.ts';
import { isTree } from './layers.ts';
import { type LoadedSettings, loadSettings, type SettingsSource } from './load.ts';
import { type SettingOrigin, toOriginText } from './origin.ts';
import { type SettingProblem, unknownKey } from './problems.ts';
import { settingPaths, settingSections, valueAt } from './setting-paths.ts';

export type Proposal =
  | {
      ok: true;
      file: string;
      /** What the file holds now; null: it is not there. */
      before: string | null;
      text: string;
      loaded: LoadedSettings;
    }
  /** `invalid`: the values. `fixed`: a flag or variable holds them. */
  | { ok: false; reason: 'invalid' | 'fixed'; problems: readonly SettingProblem[] };

/** Without a settings file one is proposed in the application folder, which does not move the data folder. */
export function proposeSettings(patch: SettingsPatch, source: SettingsSource): Proposal {
  const place = source.place ?? thisPlace(source.env);
  const file =
    findSettingsFile(source.flags.config, place)?.path ??
    join(resolveApplicationFolder(place), SETTINGS_FILE);
  const before = readText(file);
  const origin: SettingOrigin = { kind: 'file', file };
  let text: string;
  let value: unknown;
  try {
    value = toJsonValue(parseJsonText(before ?? '{}'));
    text = mergeJsonText(before ?? '{\n}\n', patch);
  } catch {
    // What is wrong with it is said better by the loading itself.
    const broken = loadSettings(source, { path: file, text: before ?? '' });
    return { ok: false, reason: 'invalid', problems: broken.ok ? [] : broken.problems };
  }
  const own = [...leaves(patch, [])].flatMap((leaf) => checkLeaf(leaf, value, origin));
  const ofPatch = new Set([...leaves(patch, [])].map(({ path }) => path.join('.')));
  const fixed = checkFixed(patch, source);
  const loaded = loadSettings(source, { path: file, text });
  const ofSchema = (loaded.ok ? [] : loaded.problems).map((problem) =>
    ofPatch.has(problem.setting) ? { ...problem, remedy: toRemedy(problem) } : problem,
  );
  const problems = [...own, ...ofSchema, ...fixed];
  if (loaded.ok && problems.length === 0) return { ok: true, file, before, text, loaded };
  return { ok: false, reason: problems.length > fixed.length ? 'invalid' : 'fixed', problems };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

type Leaf = { path: readonly string[]; value: unknown };

/** An empty section is a leaf: it names something, too. */
function* leaves(tree: Readonly<Record<string, unknown>>, path: readonly string[]): Generator<Leaf> {
  for (const [key, value] of Object.entries(tree)) {
    const place = [...path, key];
    if (isTree(value) && Object.keys(value).length > 0) yield* leaves(value, place);
    else yield { path: place, value };
  }
}

/** What the schema cannot see: a key that is taken out, and a secret that was only shown as set. */
function checkLeaf({ path, value }: Leaf, file: unknown, origin: SettingOrigin): SettingProblem[] {
  const key = path.join('.');
  const setting = settingPaths.find((known) => known.key === key);
  if (setting?.isSecret && value === HIDDEN_VALUE) {
    const message = `"${HIDDEN_VALUE}" stands for a secret that is not shown`;
    return [{ setting: key, message, remedy: 'Leave it out, or give a new one.', suggestion: null, origin }];
  }
  const isKnown = setting !== undefined || settingSections.has(key) || key === '$schema';
  const isNothing = value === null && valueAt(file, path) === undefined;
  return isNothing && !isKnown ? [unknownKey(path, origin)] : [];
}

/** The value is not in the file yet: there is nothing to remove there. */
function toRemedy({ value, suggestion }: SettingProblem): string {
  if (suggestion !== null) return `Did you mean "${suggestion}"?`;
  return value === undefined ? 'Leave it out.' : 'Give another value, or null for the default.';
}

/** Written to the file they would have no effect. A whole section that is named names what is in it. */
function checkFixed(patch: SettingsPatch, source: SettingsSource): SettingProblem[] {
  const named = [...leaves(patch, [])].map(({ path }) => path.join('.'));
  const entries = new Map(
    [...toEnvironmentEntries(source.env).entries, ...toFlagEntries(source.flags)].map(({ path, origin }) => [
      path.join('.'),
      origin,
    ]),
  );
  return [...entries].flatMap(([key, origin]) => {
    if (!named.some((name) => name === key || key.startsWith(`${name}.`))) return [];
    const message = `It is fixed by the ${toOriginText(origin)}`;
    const remedy = 'Start the daemon without it, then the file counts.';
    return [{ setting: key, message, remedy, suggestion: null, origin }];
  });
}
