/** Shows settings to the outside: values with their origins, notes and problems. A secret is never among them. */

import type { Settings } from '../contract/index.ts';
import {
  HIDDEN_VALUE,
  type SettingEntry,
  type SettingsAnswer,
  type ShownSettingProblem,
  settingsSchema,
} from '../contract/index.ts';
import type { SettingOrigin } from './origin.ts';
import type { SettingProblem } from './problems.ts';
import { type SettingPath, settingPaths, valueAt } from './setting-paths.ts';

export type ShownSettings = {
  file: string | null;
  /** What the daemon runs with. */
  settings: Readonly<Settings>;
  /** What the next start brings. */
  next: Readonly<Settings>;
  origins: ReadonlyMap<string, SettingOrigin>;
  problems: readonly SettingProblem[];
  warnings: readonly string[];
};

const defaults = settingsSchema.parse({});

export function toSettingsAnswer(shown: ShownSettings): SettingsAnswer {
  const { file, settings, next, problems, warnings } = shown;
  const entries = settingPaths.map((setting) => toEntry(setting, shown));
  return {
    file,
    settings: hideSecrets(settings),
    entries,
    pending_restart: toChangedKeys(settings, next),
    problems: problems.map(toShownProblem),
    warnings: [...warnings],
  };
}

/** Keys whose values differ. */
export function toChangedKeys(before: Readonly<Settings>, after: Readonly<Settings>): string[] {
  const text = (settings: Readonly<Settings>, { path }: SettingPath) =>
    JSON.stringify(valueAt(settings, path));
  return settingPaths
    .filter((setting) => text(before, setting) !== text(after, setting))
    .map(({ key }) => key);
}

export function toShownProblem(problem: SettingProblem): ShownSettingProblem {
  const { setting, message, remedy, suggestion, origin } = problem;
  const value = problem.value === undefined ? {} : { value: problem.value };
  return { setting, message, remedy, ...value, suggestion, ...toShownOrigin(origin) };
}

function toEntry(setting: SettingPath, { settings, next, origins }: ShownSettings): SettingEntry {
  const { key, path, type, description, needsRestart, isGuarded } = setting;
  const value = toShownValue(setting, valueAt(settings, path));
  const nextValue = toShownValue(setting, valueAt(next, path));
  const isPending = JSON.stringify(valueAt(settings, path)) !== JSON.stringify(valueAt(next, path));
  return {
    key,
    value,
    default: valueAt(defaults, path) ?? null,
    ...toShownOrigin(origins.get(key) ?? { kind: 'default' }),
    type,
    description,
    needs_restart: needsRestart,
    guarded: isGuarded,
    ...(isPending ? { next_value: nextValue } : {}),
  };
}

function toShownValue({ isSecret }: SettingPath, value: unknown): unknown {
  if (value === undefined) return null;
  return isSecret ? HIDDEN_VALUE : value;
}

function toShownOrigin(origin: SettingOrigin): Pick<SettingEntry, 'origin' | 'source'> {
  if (origin.kind === 'default') return { origin: 'default', source: null };
  return { origin: origin.kind, source: origin.kind === 'file' ? origin.file : origin.name };
}

/** A copy that can be shown. */
export function hideSecrets(settings: Readonly<Settings>): Settings {
  const shown = structuredClone(settings) as Settings;
  for (const { path, isSecret } of settingPaths) {
    if (!isSecret || valueAt(shown, path) === undefined) continue;
    const section = valueAt(shown, path.slice(0, -1)) as Record<string, unknown>;
    section[path.at(-1) ?? ''] = HIDDEN_VALUE;
  }
  return shown;
}
