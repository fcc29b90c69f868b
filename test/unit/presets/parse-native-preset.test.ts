/** Reading native presets from text that nobody vouches for. */
import { describe, expect, it } from 'vitest';
import { nativePresetSchema } from '../../../bridge/contract/index.ts';
import { builtInPresets } from '../../../bridge/presets/built-in/all.ts';
import { greyOf } from '../../../bridge/presets/colour/luminance.ts';
import { developColour } from '../../../bridge/presets/develop-colour.ts';
import { hashRecipe } from '../../../bridge/presets/hash-recipe.ts';
import { parseNativePreset } from '../../../bridge/presets/parse-native-preset.ts';
import { presetJsonSchema } from '../../../bridge/presets/preset-json-schema.ts';

describe('parseNativePreset', () => {
  it('reads a preset', () => {
    expect(parseNativePreset('{"name":"A","hsl":{"red":{"hue":-5}}}')).toEqual({
      name: 'A',
      hsl: { red: { hue: -5 } },
    });
  });

  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const refusals: [what: string, text: string, message: RegExp][] = [
    ['a value out of range', '{"exposure": 9}', /^exposure must be at most 5; got 9$/],
    ['a misspelt key', '{"contrats": 9}', /unknown key "contrats"; did you mean "contrast"\?/],
    ['a misspelt band', '{"hsl":{"rad":{}}}', /unknown key "rad" in hsl; did you mean "red"\?/],
    ['text for a number', '{"contrast":"10"}', /^contrast must be a number; got "10"$/],
    ['a number without end', '{"exposure": 1e999}', /numbers must be finite/],
    ['a prototype key', '{"hsl":{"__proto__":{"hue":1}}}', /"__proto__" is not allowed/],
    ['nesting without end', `{"hsl": ${nested}}`, /nested deeper than 32 levels/],
    ['curve points that fall back', '{"tone_curve":{"points":[[9,0],[9,255]]}}', /inputs must rise strictly/],
    ['a list', '[]', /^the preset must be a JSON object/],
    ['broken JSON', '{', /^not valid JSON/],
    ['nothing', '', /^not valid JSON/],
  ];
  it.each(refusals)('refuses %s and says what to change', (_, text, message) => {
    expect(() => parseNativePreset(text)).toThrow(message);
    expect(() => parseNativePreset(text)).toThrow(expect.objectContaining({ code: 'preset_invalid' }));
  });
});

describe('built-in presets', () => {
  it('are legal, described in one line and named apart', () => {
    for (const preset of builtInPresets) {
      expect(nativePresetSchema.parse(preset)).toEqual(preset);
      expect(preset.description).toMatch(/^[A-Z][^\n]{10,90}\.$/);
    }
    const names = builtInPresets.map((preset) => preset.name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('whitelayer_v4');
  });
});

describe('WhiteLayer_v4', () => {
  const preset = builtInPresets.find(({ name }) => name === 'WhiteLayer_v4')!;
  const develop = developColour(preset);

  it('opens shadows and middle tones visibly', () => {
    expect(greyOf(develop([0.2, 0.2, 0.2]))).toBeGreaterThan(0.28);
    expect(greyOf(develop([0.45, 0.45, 0.45]))).toBeGreaterThan(0.53);
  });

  it('blows out no face and keeps white white', () => {
    for (const skin of [
      [0.95, 0.82, 0.74],
      [0.85, 0.66, 0.55],
      [0.5, 0.33, 0.24],
    ] as const) {
      expect(Math.max(...develop(skin))).toBeLessThan(1);
    }
    expect(Math.min(...develop([1, 1, 1]))).toBeGreaterThan(0.95);
  });
});

describe('hashRecipe', () => {
  it('does not depend on the order of keys, names or absent members', () => {
    const one = hashRecipe({ kind: 'native', name: 'a', preset: { contrast: 1, tint: 2 } });
    expect(
      hashRecipe({
        kind: 'native',
        name: 'b',
        preset: { tint: 2, name: 'x', contrast: 1, blacks: undefined },
      }),
    ).toBe(one);
  });
});

describe('the published schema', () => {
  it('is JSON Schema with the ranges of every slider and no unknown keys', () => {
    const schema = presetJsonSchema();
    expect(JSON.parse(JSON.stringify(schema))).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: { exposure: { type: 'number', minimum: -5, maximum: 5 } },
    });
  });
});
