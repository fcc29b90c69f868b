/** Files nobody meant: whatever they say, the answer is a legal preset or one refusal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativePresetSchema } from '../../../../bridge/contract/index.ts';
import type { CrsValue } from '../../../../bridge/presets/camera-raw/settings.ts';
import { toNativePreset } from '../../../../bridge/presets/camera-raw/to-native-preset.ts';
import { parseLrtemplate } from '../../../../bridge/presets/lrtemplate/parse-lrtemplate.ts';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { anyFullPreset } from './any-full-preset.ts';
import { toCameraRaw, writeXmp } from './write-xmp.ts';

/** Names of settings that some preset uses, and some of those that only profiles and sidecars have. */
const names = [
  ...new Set(
    fc.sample(anyFullPreset, { numRuns: 60, seed: 5 }).flatMap((preset) => Object.keys(toCameraRaw(preset))),
  ),
  ...[
    'Look',
    'Parameters',
    'RGBTable',
    'RGBTableAmount',
    'LookTable',
    'Table_AB',
    'CameraProfile',
    'Treatment',
  ],
  ...[
    'WhiteBalance',
    'ToneCurve',
    'ToneCurveName',
    'Exposure',
    'Shadows',
    'Brightness',
    'EnableDetail',
    'HasCrop',
  ],
  ...[
    'MaskGroupBasedCorrections',
    'Name',
    'Amount',
    'PointColors',
    'ToneCurvePV2012Red',
    '__proto__',
    'constructor',
  ],
];
const text = fc.oneof(
  fc.integer({ min: -400, max: 400 }).map(String),
  fc.double().map(String),
  fc.constantFrom('True', 'False', 'Auto', 'AB', 'Adobe Monochrome', '0, 0', '9, 300', '', ' ', 'x'),
  fc.string({ maxLength: 12 }),
);
const { value: anyValue } = fc.letrec<{ value: CrsValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 6 })
        .map((all) => new Map(all)),
    },
  ),
}));

function answer(run: () => { preset: unknown }): void {
  let preset: unknown;
  try {
    ({ preset } = run());
  } catch (error) {
    expect(error).toMatchObject({ code: 'preset_invalid', message: expect.stringMatching(/^[^\n]{3,300}$/) });
    return;
  }
  expect(nativePresetSchema.safeParse(preset).error).toBeUndefined();
}

describe('any settings', () => {
  it('of any names and values give a legal preset or a refusal', () => {
    const settings = fc.array(fc.tuple(fc.constantFrom(...names), anyValue), { maxLength: 20 });
    fc.assert(
      fc.property(settings, (all) => {
        answer(() => toNativePreset({ name: null, group: null, description: null, settings: new Map(all) }));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('damaged files', () => {
  const damage = (whole: string, { at, length, put }: { at: number; length: number; put: string }) => {
    const from = Math.floor(at * whole.length);
    return Buffer.from(whole.slice(0, from) + put + whole.slice(from + length));
  };
  const hurt = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 0, max: 60 }),
    put: fc.oneof(
      fc.constantFrom('', '<', '>', '"', '&', '</', '<!', '<?', ']]>', '{', '}', '[[', '--', '\\', '='),
      fc.string(),
    ),
  });

  it('in XMP and Lua are read or refused, never worse', () => {
    const lua =
      's = {\n title = "A", type = "Develop",\n value = { settings = { Contrast2012 = 10, ToneCurvePV2012 = { 0, 9, 255, 255 } } } }';
    fc.assert(
      fc.property(anyFullPreset, hurt, (preset, where) => {
        answer(() => parseXmpPreset(damage(writeXmp(toCameraRaw(preset)), where)));
        answer(() => parseLrtemplate(damage(lua, where)));
      }),
      { numRuns: 500 },
    );
  });
});
