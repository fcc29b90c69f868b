/** The list of all settings by path (`server.port`) with type, default and notes, read from the schema itself. */
import { z } from 'zod';
import { type SettingType, secretSettings, settingsSchema, settingTypes } from '../contract/index.ts';

/** `key` joined by dots; sections are not in the list. */
export type SettingPath = {
  key: string;
  path: readonly string[];
  type: SettingType;
  description: string;
  /** A change counts from the next start on. */
  needsRestart: boolean;
  /** Decides who gets in or what they may reach. */
  isGuarded: boolean;
  /** Its value is never shown. */
  isSecret: boolean;
  /** Closed list of values, if it has one. */
  choices: readonly unknown[] | null;
};

type Notes = { description?: string; 'x-restart'?: boolean; 'x-guard'?: boolean; 'x-secret'?: boolean };
type JsonNode = Notes & { type?: string; enum?: unknown[]; properties?: Record<string, JsonNode> };

/** JSON Schema (2020-12) of `bridge.config.json`, for editors. */
export function toSettingsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(settingsSchema, { io: 'input' });
}

const schema = toSettingsJsonSchema() as JsonNode;

export const settingPaths: readonly SettingPath[] = [...leaves(schema, [], {})];

/** Keys of settings and of sections: `schedule`, `schedule.run_window`, `schedule.run_window.from`. */
export const settingSections: ReadonlySet<string> = new Set(
  settingPaths.flatMap(({ path }) => path.slice(0, -1).map((_, index) => path.slice(0, index + 1).join('.'))),
);

/** An option inside a setting that is a whole (`schedule.run_window.from`) has the notes of the whole. */
function* leaves(node: JsonNode, path: readonly string[], above: Notes): Generator<SettingPath> {
  const own = node.description === undefined ? above : node;
  if (node.properties === undefined) {
    const key = path.join('.');
    yield {
      key,
      path,
      type: toType(node.type),
      description: own.description ?? '',
      needsRestart: own['x-restart'] === true,
      isGuarded: own['x-guard'] === true,
      isSecret: own['x-secret'] === true || secretSettings.has(key),
      choices: node.enum ?? null,
    };
    return;
  }
  for (const [name, child] of Object.entries(node.properties)) {
    if (name !== '$schema') yield* leaves(child, [...path, name], own);
  }
}

function toType(type: string | undefined): SettingType {
  return settingTypes.find((known) => known === type) ?? 'string';
}

/** `path` in a tree of settings; undefined: not set. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  let at = tree;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
