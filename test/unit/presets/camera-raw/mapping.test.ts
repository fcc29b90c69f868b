/** Camera Raw settings to native presets: every control, old and new names, and what is said of the rest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { anyFullPreset } from './any-full-preset.ts';
import { type PlainSettings, type Spelling, toCameraRaw, writeXmp } from './write-xmp.ts';

const read = (settings: PlainSettings, spelling?: Spelling) =>
  parseXmpPreset(Buffer.from(writeXmp(settings, spelling)));
const modern = { ProcessVersion: '15.4' };

describe('any preset', () => {
  it('comes back from XMP as it was, with nothing left over', () => {
    fc.assert(
      fc.property(anyFullPreset, (preset) => {
        fc.pre(Object.keys(preset).length > 0);
        const { preset: back, unsupported, notes } = read(toCameraRaw(preset));
        expect(back).toEqual(preset);
        expect([...unsupported, ...notes]).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same as attributes or elements, with any prefix, in one block or several, in a packet or bare', () => {
    const spellings = fc.record({
      simple: fc.constantFrom('attributes' as const, 'elements' as const),
      prefix: fc.constantFrom('crs', 'a', 'x-y_1'),
      blocks: fc.integer({ min: 1, max: 5 }),
      packet: fc.boolean(),
    });
    fc.assert(
      fc.property(anyFullPreset, spellings, (preset, spelling) => {
        fc.pre(Object.keys(preset).length > 0);
        const settings = toCameraRaw(preset);
        expect(read(settings, spelling)).toMatchObject({ preset: read(settings).preset });
      }),
      { numRuns: 100 },
    );
  });
});

describe('values', () => {
  it('out of range are held to the range, as Lightroom does, and named', () => {
    const { preset, notes } = read({
      ...modern,
      Contrast2012: '+140',
      Sharpness: '999',
      Exposure2012: '-9.5',
    });
    expect(preset).toEqual({ contrast: 100, sharpening: { amount: 150 }, exposure: -5 });
    expect(notes).toContain('Contrast2012 +140 is out of range; 100 was taken');
    expect(notes).toHaveLength(3);
  });

  it.each(['ten', '1e999', '0x10', '--1', '+', '1,5'])(
    'that are no numbers (%s) refuse the file and name the setting',
    (text) => {
      expect(() => read({ ...modern, Contrast2012: text })).toThrow(/^Contrast2012 must be a number; got "/);
    },
  );

  it('at neutral are left out, so that the settings show what moves', () => {
    const { preset, controls } = read({
      ...modern,
      Contrast2012: '0',
      GrainAmount: '0',
      GrainSize: '40',
      Vibrance: '+5',
    });
    expect(preset).toEqual({ vibrance: 5 });
    expect(controls).toEqual([{ setting: 'Vibrance', control: 'vibrance' }]);
  });
});

describe('process versions', () => {
  const old = { ProcessVersion: '5.7', Exposure: '+0.50', HighlightRecovery: '30', FillLight: '20' };

  it('of 2003 and 2010 are translated approximately, which is noted', () => {
    const { preset, notes } = read({
      ...old,
      Shadows: '10',
      Brightness: '+70',
      Contrast: '+35',
      Clarity: '+12',
    });
    expect(preset).toEqual({
      exposure: 0.7,
      highlights: -30,
      shadows: 20,
      blacks: -5,
      contrast: 10,
      clarity: 12,
    });
    expect(notes[0]).toMatch(/approximately/);
  });

  it('of 2003 and 2010 give no more exposure than there is', () => {
    expect(read({ ...old, Exposure: '-4.00', Brightness: '-150' }).preset.exposure).toBe(-5);
  });

  it('take the defaults of RAW files as neutral, and zeros as those of developed photos', () => {
    const raw = read({
      ProcessVersion: '5.0',
      Shadows: '5',
      Brightness: '50',
      Contrast: '25',
      ToneCurveName: 'Medium Contrast',
    });
    expect(raw.preset).toEqual({});
    const developed = read({
      ProcessVersion: '5.7',
      Shadows: '0',
      Brightness: '0',
      Contrast: '0',
      Exposure: '1',
    });
    expect(developed.preset).toEqual({ exposure: 1 });
  });

  it('of today pass the old controls over, as Lightroom does', () => {
    const { preset, unsupported } = read({
      ...old,
      ...modern,
      Exposure2012: '-0.20',
      Brightness: '50',
      ToneCurve: ['0, 9', '255, 255'],
    });
    expect(preset).toEqual({ exposure: -0.2 });
    expect(unsupported).toEqual([]);
  });

  it('that are not told are guessed from the names', () => {
    expect(read({ Exposure: '1' }).preset.exposure).toBe(1);
    expect(read({ Exposure: '1', Contrast2012: '5' }).preset).toEqual({ contrast: 5 });
  });
});

describe('curves', () => {
  it('straight ones are nothing, named ones have their points', () => {
    const straight = ['0, 0', '128, 128', '255, 255'];
    expect(read({ ...modern, ToneCurvePV2012: straight, ToneCurvePV2012Red: straight }).preset).toEqual({});
    const strong = read({ ...modern, ToneCurveName2012: 'Strong Contrast' }).preset.tone_curve?.points;
    expect(strong).toContainEqual([192, 202]);
    expect(read({ ...modern, ToneCurveName2012: 'Linear' }).preset).toEqual({});
  });

  it('keep a cut or lifted end', () => {
    const points = ['0, 20', '255, 255'];
    expect(read({ ...modern, ToneCurvePV2012: points }).preset.tone_curve?.points).toEqual([
      [0, 20],
      [255, 255],
    ]);
  });

  it('lose points that do not lie to the right, with a note, and refuse what is no list of points', () => {
    const { preset, notes } = read({ ...modern, ToneCurvePV2012: ['0, 0', '90, 80', '90, 100', '300, 255'] });
    expect(preset.tone_curve?.points).toEqual([
      [0, 0],
      [90, 80],
      [255, 255],
    ]);
    expect(notes).toHaveLength(2);
    expect(() => read({ ...modern, ToneCurvePV2012: ['0, zero'] })).toThrow(
      /^ToneCurvePV2012 must be a list/,
    );
  });
});

describe('colour', () => {
  it('old split toning is shadows and highlights with full blending', () => {
    const { preset } = read({
      ProcessVersion: '6.7',
      SplitToningShadowHue: '220',
      SplitToningShadowSaturation: '12',
      SplitToningHighlightHue: '45',
      SplitToningHighlightSaturation: '8',
      SplitToningBalance: '-20',
    });
    expect(preset.colour_grading).toEqual({
      shadows: { hue: 220, saturation: 12 },
      highlights: { hue: 45, saturation: 8 },
      balance: -20,
      blending: 100,
    });
  });

  it('a hue without saturation is no tint', () => {
    expect(
      read({ ...modern, ColorGradeMidtoneHue: '40', ColorGradeMidtoneSat: '0', ColorGradeBlending: '50' })
        .preset,
    ).toEqual({});
  });

  it('the mix of greys counts only for monochrome presets', () => {
    const mix = { ...modern, GrayMixerRed: '+20' };
    expect(read(mix).preset).toEqual({});
    expect(read({ ...mix, ConvertToGrayscale: 'True' }).preset).toEqual({ monochrome: { red: 20 } });
    expect(read({ ...mix, Treatment: 'Monochrome' }).preset).toEqual({ monochrome: { red: 20 } });
    expect(read({ ...modern, ConvertToGrayscale: 'True' }).preset).toEqual({ monochrome: {} });
  });

  it('a panel that was switched off is not read', () => {
    const off = { EnableColorAdjustments: 'False', EnableEffects: 'false', EnableSplitToning: 'False' };
    expect(
      read({
        ...modern,
        ...off,
        HueAdjustmentRed: '10',
        GrainAmount: '30',
        SplitToningShadowSaturation: '9',
      }),
    ).toMatchObject({ preset: {}, unsupported: [] });
  });
});

describe('white balance', () => {
  it.each([
    [{ WhiteBalance: 'As Shot', Temperature: '4000' }, {}],
    [{ WhiteBalance: 'Tungsten' }, { white_balance: { temperature: 2850, tint: 0 } }],
    [
      { WhiteBalance: 'Custom', Temperature: '4500', Tint: '-3' },
      { white_balance: { temperature: 4500, tint: -3 } },
    ],
    [{ Temperature: '100', Tint: '0' }, { white_balance: { temperature: 2000, tint: 0 } }],
    [
      { IncrementalTemperature: '+12', IncrementalTint: '-4', Temperature: '4500' },
      { temperature: 12, tint: -4 },
    ],
    [{ Temperature: '+300' }, { white_balance: { temperature: 5800 } }],
    [{ Temperature: '-500', Tint: '+5' }, { white_balance: { temperature: 5000, tint: 15 } }],
  ])('%j becomes %j', (settings, preset) => {
    expect(read({ ...modern, Vibrance: '0', ...settings } as PlainSettings).preset).toEqual(preset);
  });

  it('automatic is named as not honoured', () => {
    expect(read({ ...modern, WhiteBalance: 'Auto' })).toMatchObject({
      preset: {},
      unsupported: ['automatic white balance'],
    });
  });
});

describe('what cannot be honoured', () => {
  it('is named once each in words, and only where it asks for something', () => {
    const { unsupported } = read({
      ...modern,
      Vibrance: '+5',
      LensProfileEnable: '1',
      AutoLateralCA: '1',
      PerspectiveScale: '100',
      PerspectiveRotate: '0.0',
      HasCrop: 'True',
      CropTop: '0.1',
      PointColors: ['12, 3, 4'],
      CurveRefineSaturation: '100',
      NewThing2030: '+17',
      OtherThing: '0',
      HDREditMode: '0',
    });
    expect(unsupported.toSorted()).toEqual([
      'crop and straighten',
      'lens corrections',
      'point colour',
      'unknown setting NewThing2030',
    ]);
  });

  it('counts masks, empty lists of them not', () => {
    const text = (inside: string) =>
      writeXmp(modern).replace(
        '</rdf:Description>',
        `<crs:MaskGroupBasedCorrections>${inside}</crs:MaskGroupBasedCorrections>$&`,
      );
    const mask =
      '<rdf:Seq><rdf:li><rdf:Description crs:What="Correction" crs:CorrectionAmount="1"/></rdf:li></rdf:Seq>';
    expect(parseXmpPreset(Buffer.from(text(mask))).unsupported).toEqual(['masks and local adjustments']);
    expect(() => parseXmpPreset(Buffer.from(text('<rdf:Seq/>')))).toThrow('holds no develop settings');
  });

  it('is refused when nothing of it develops a photo', () => {
    expect(() => read({ ...modern, Name: 'Empty' })).toThrow(/^holds no develop settings$/);
  });
});
