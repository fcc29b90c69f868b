/** SECURITY.md names settings and their defaults; both are those of the code. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../bridge/contract/index.ts';
import { settingPaths } from '../../../bridge/settings/setting-paths.ts';

const page = readFileSync(new URL('../../../SECURITY.md', import.meta.url), 'utf8');
const keys = settingPaths.map(({ key }) => key);
const sections = new Set(keys.map((key) => key.split('.')[0]));

function defaultOf(key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], settingsSchema.parse({}));
}

describe('SECURITY.md', () => {
  it('names no setting that there is not', () => {
    const named = [...page.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map(([, name = '']) => name);
    const settings = named.filter((name) => sections.has(name.split('.')[0] ?? ''));
    expect(settings.length).toBeGreaterThan(20);
    expect(settings.filter((name) => !keys.includes(name))).toEqual([]);
  });

  it('tells every setting of security and its default as it is', () => {
    const rows = [...page.matchAll(/^\| `([a-z_.]+)` \| (?:`([^`]*)`)? ?\|/gm)].map(
      ([, key = '', value]) => [key, value] as const,
    );
    const told = rows.map(([key]) => key);
    expect(told).toEqual(expect.arrayContaining(keys.filter((key) => key.startsWith('security.'))));
    expect(rows.map(([key, value]) => [key, value === undefined ? undefined : JSON.parse(value)])).toEqual(
      told.map((key) => [key, defaultOf(key)]),
    );
  });

  it('shows settings that can be used', () => {
    const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, text = '']) => JSON.parse(text) as unknown,
    );
    expect(examples).toHaveLength(2);
    for (const example of examples) expect(settingsSchema.safeParse(example).error).toBeUndefined();
  });
});
