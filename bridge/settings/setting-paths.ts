/** The list of all settings by path (`server.port`) with their JSON type, read from the schema itself. */
import { z } from 'zod';
import { settingsSchema } from '../contract/index.ts';

export type SettingType = 'string' | 'integer' | 'number' | 'boolean' | 'array';
/** `key` joined by dots; sections are not in the list. */
export type SettingPath = { key: string; path: readonly string[]; type: SettingType };

type JsonNode = { type?: string; properties?: Record<string, JsonNode> };

/** JSON Schema (2020-12) of `bridge.config.json`, for editors. */
export function toSettingsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(settingsSchema, { io: 'input' });
}

export const settingPaths: readonly SettingPath[] = [...leaves(toSettingsJsonSchema() as JsonNode, [])];

function* leaves(node: JsonNode, path: readonly string[]): Generator<SettingPath> {
  if (node.properties === undefined) {
    yield { key: path.join('.'), path, type: toType(node.type) };
    return;
  }
  for (const [name, child] of Object.entries(node.properties)) {
    if (name !== '$schema') yield* leaves(child, [...path, name]);
  }
}

function toType(type: string | undefined): SettingType {
  if (type === 'integer' || type === 'number' || type === 'boolean' || type === 'array') return type;
  return 'string';
}
