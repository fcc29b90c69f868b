/** Turns schema issues into problems a person can act on: which setting, which value, from where, what to do. */
import type { z } from 'zod';
import { secretSettings, toNearest } from '../contract/index.ts';
import { isTree, type Layered } from './layers.ts';
import { type SettingOrigin, toOriginText } from './origin.ts';
import { settingPaths } from './setting-paths.ts';

export type SettingProblem = {
  /** `server.port`; empty for the file as a whole. */
  setting: string;
  message: string;
  remedy: string;
  value?: unknown;
  /** The known setting that was probably meant. */
  suggestion: string | null;
  origin: SettingOrigin;
};

type Issue = z.core.$ZodIssue;

/** All problems at once, in the order of the schema. */
export function toProblems(
  issues: readonly Issue[],
  layered: Layered,
  file: string | null,
): SettingProblem[] {
  const fallback: SettingOrigin = file === null ? { kind: 'default' } : { kind: 'file', file };
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey([...path, key], fallback));
    }
    const setting = path.join('.');
    const origin = originOf(path, layered.origins) ?? fallback;
    const value = isSecret(setting) ? undefined : valueAt(layered.value, path);
    return [
      { setting, message: issue.message, remedy: toRemedy(setting, origin), value, suggestion: null, origin },
    ];
  });
}

/** One line a problem: `server.port = "abc" (environment variable X): Invalid input…. Set it to …`. */
export function toProblemText({ setting, message, remedy, value, origin }: SettingProblem): string {
  const shown = value === undefined ? '' : ` = ${(JSON.stringify(value) ?? String(value)).slice(0, 100)}`;
  const where = origin.kind === 'default' ? '' : ` (${toOriginText(origin)})`;
  const name = setting === '' ? 'settings' : setting;
  return `${name}${shown}${where}: ${message}. ${remedy}`;
}

/** A key that no setting has, with the one that was probably meant. */
export function unknownKey(path: readonly string[], origin: SettingOrigin): SettingProblem {
  const setting = path.join('.');
  const section = path.slice(0, -1);
  const siblings = new Set(
    settingPaths
      .filter((known) => section.every((part, index) => known.path[index] === part))
      .map((known) => [...section, known.path[section.length]].join('.')),
  );
  const known = settingPaths.map(({ key }) => key);
  const moved = known.find((key) => key.endsWith(`.${path.at(-1)}`));
  const meant = toNearest(setting, [...siblings]) ?? moved ?? toNearest(setting, known);
  const remedy = meant === null ? 'Remove it.' : `Did you mean "${meant}"? Rename it or remove it.`;
  return { setting, message: 'Unknown setting', remedy, suggestion: meant, origin };
}

function toRemedy(setting: string, origin: SettingOrigin): string {
  const change = origin.kind === 'file' ? `in ${origin.file}` : `by ${toOriginText(origin)}`;
  return `Change ${setting === '' ? 'it' : `"${setting}"`} ${change}, or remove it for the default.`;
}

/** Also a section that holds one, which may have any shape here. */
function isSecret(setting: string): boolean {
  return [...secretSettings].some((secret) => secret === setting || secret.startsWith(`${setting}.`));
}

/** A list's element has its list's origin. */
function originOf(path: readonly string[], origins: Layered['origins']): SettingOrigin | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(path.slice(0, length).join('.'));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isTree(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}
