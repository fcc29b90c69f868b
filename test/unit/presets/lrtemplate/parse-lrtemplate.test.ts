/** `.lrtemplate` files: Lua tables read without Lua. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLrtemplate } from '../../../../bridge/presets/lrtemplate/parse-lrtemplate.ts';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { anyFullPreset } from '../camera-raw/any-full-preset.ts';
import { type PlainSettings, toCameraRaw, writeXmp } from '../camera-raw/write-xmp.ts';

const read = (text: string) => parseLrtemplate(Buffer.from(text));
const template = (settings: string, type = 'Develop') => `s = {
  id = "5A1B", internalName = "Inner",
  title = "Evening \\"Soft\\"", -- a comment
  type = "${type}",
  --[[ a long
  comment ]]
  value = { settings = { ${settings} }, uuid = 'x' },
  version = 0,
}
`;

describe('parseLrtemplate', () => {
  it('reads numbers, booleans, texts, lists and nested tables', () => {
    const text = template(`
      ProcessVersion = "6.7",
      Contrast2012 = 10, Exposure2012 = -.5; ["Vibrance"] = 1e1,
      ConvertToGrayscale = false, EnableDetail = true, Nothing = nil,
      ToneCurvePV2012 = { 0, 20, [3] = 255, [4] = 250, },
      SplitToningShadowHue = 0x1E, SplitToningShadowSaturation = 12,
      WhiteBalance = [[As Shot]],
    `);
    expect(read(text)).toMatchObject({
      preset: {
        name: 'Evening "Soft"',
        contrast: 10,
        exposure: -0.5,
        vibrance: 10,
        tone_curve: {
          points: [
            [0, 20],
            [255, 250],
          ],
        },
        colour_grading: { shadows: { hue: 30, saturation: 12 }, blending: 100 },
      },
      unsupported: [],
    });
  });

  it('says the same as an XMP file with the same settings', () => {
    const toLua = (settings: PlainSettings) =>
      Object.entries(settings)
        .map(([name, value]) => {
          if (typeof value !== 'string') return `${name} = { ${value.join(', ')} }`;
          if (/^[+-]?[\d.]+$/.test(value)) return `${name} = ${Number(value)}`;
          return /^(True|False)$/.test(value) ? `${name} = ${value.toLowerCase()}` : `${name} = "${value}"`;
        })
        .join(',\n');
    fc.assert(
      fc.property(anyFullPreset, (preset) => {
        fc.pre(Object.keys(preset).length > 0);
        const settings = toCameraRaw(preset);
        const { name: _, ...fromLua } = read(template(toLua(settings))).preset;
        expect(fromLua).toEqual(parseXmpPreset(Buffer.from(writeXmp(settings))).preset);
      }),
      { numRuns: 100 },
    );
  });

  const refusals: [what: string, text: string, message: RegExp][] = [
    ['nothing', '', /^line 1: not a Lightroom template/],
    ['another type', template('Contrast2012 = 1', 'Export'), /^not a develop preset: its type is "Export"$/],
    ['no settings', 's = { type = "Develop", value = {} }', /^holds no develop settings$/],
    ['only other settings', template('Version = "4.4"'), /^holds no develop settings$/],
    ['a call', 's = os.execute("true")', /^line 1: "\." is not expected|^line 1: "\{" is expected/],
    ['a call inside', template('Contrast2012 = f()'), /^line 7: a value is expected; found "f"$/],
    [
      'a sum',
      template('Contrast2012 = 1 + 1'),
      /^line 7: "," or "}" is expected|^line 7: ".*" is not expected/,
    ],
    ['a function', 's = { a = function() end }', /^line 1: a value is expected; found "function"$/],
    ['a second statement', `${template('Contrast2012 = 1')} t = {}`, /the end of the file is expected/],
    ['half a file', template('Contrast2012 = 1').slice(0, 150), /the file ends|has no end|is not expected/],
    ['an endless text', 's = { a = "b', /^line 1: .* is not expected$/],
    ['an endless comment', 's = { --[[ ', /^line 1: a text has no end$/],
    ['endless nesting', `s = ${'{'.repeat(100_000)}`, /^line 1: nested deeper than 32 levels$/],
    ['endless values', `s = { ${'1,'.repeat(200_000)} }`, /^more than 100000 values$/],
    ['a number with letters', template('Contrast2012 = 1x'), /^line 7: "1x .* is not expected$/],
  ];
  it.each(refusals)('refuses %s in one sentence', (_, text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'preset_invalid' }));
    expect(() => read(text)).toThrow(message);
  });
});
