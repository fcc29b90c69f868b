/** Tables of hues inside profiles, from their text to what they do to colours. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativePresetSchema } from '../../../../bridge/contract/index.ts';
import { decodeHueTable } from '../../../../bridge/presets/camera-raw/hue-table-file.ts';
import { inverse, times } from '../../../../bridge/presets/colour/matrix.ts';
import { fromSrgb } from '../../../../bridge/presets/colour/primaries.ts';
import type { Rgb } from '../../../../bridge/presets/colour/rgb.ts';
import { toEncoded, toLinear } from '../../../../bridge/presets/colour/srgb-transfer.ts';
import { compileLook } from '../../../../bridge/presets/compile-look.ts';
import { hueTableStage } from '../../../../bridge/presets/controls/hue-table.ts';
import { developColour } from '../../../../bridge/presets/develop-colour.ts';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { anyColour, anyGrey } from '../any-preset.ts';
import { packTable } from './pack-table.ts';
import { writeXmp } from './write-xmp.ts';

type Change = readonly [degrees: number, strength: number, lightness: number];
type Made = {
  hues?: number;
  saturations?: number;
  values?: number;
  encoding?: number;
  type?: number;
  version?: number;
};
const none: Change = [0, 1, 1];

/** A table as the DNG SDK writes it, of what `change` says for each hue (degrees), saturation and value. */
function makeTable(change: (hue: number, saturation: number, value: number) => Change, made: Made = {}) {
  const { hues = 6, saturations = 3, values = 2, encoding = 0, type = 0, version = 2 } = made;
  const head = Buffer.alloc(20);
  for (const [at, number] of [type, version, hues, saturations, values].entries())
    head.writeUInt32LE(number, at * 4);
  const entries = Buffer.alloc(hues * saturations * values * 12);
  let at = 0;
  for (let value = 0; value < values; value++) {
    for (let hue = 0; hue < hues; hue++) {
      for (let saturation = 0; saturation < saturations; saturation++) {
        const share = (index: number, count: number) => index / Math.max(1, count - 1);
        const [h, s, v] = [(hue * 360) / hues, share(saturation, saturations), share(value, values)];
        for (const number of change(h, s, v)) at = entries.writeFloatLE(number, at);
      }
    }
  }
  const tail = Buffer.alloc(version === 2 ? 20 : 4);
  tail.writeUInt32LE(encoding);
  if (version === 2) tail.writeDoubleLE(2, 12);
  return packTable(Buffer.concat([head, entries, tail]));
}

const stageOf = (...made: Parameters<typeof makeTable>) => {
  const { text, digest } = makeTable(...made);
  return hueTableStage(decodeHueTable(text, digest).table);
};
const into = fromSrgb('prophoto');
const back = inverse(into);
const each = ([a, b, c]: Rgb, change: (value: number) => number): Rgb => [change(a), change(b), change(c)];
/** Of linear ProPhoto, as encoded sRGB, and the other way. */
const shown = (rgb: Rgb): Rgb => each(times(back, rgb), toEncoded);
const proPhoto = (rgb: Rgb): Rgb => times(into, each(rgb, toLinear));
const expectClose = (rgb: Rgb, wanted: Rgb) => {
  for (const channel of [0, 1, 2] as const) expect(rgb[channel]).toBeCloseTo(wanted[channel], 6);
};

describe('a table of hues', () => {
  const sizes = fc.record({
    hues: fc.integer({ min: 1, max: 9 }),
    saturations: fc.integer({ min: 1, max: 5 }),
    values: fc.integer({ min: 1, max: 4 }),
    encoding: fc.constantFrom(0, 1),
  });

  it('that changes nothing leaves every colour alone, at any size', () => {
    fc.assert(
      fc.property(sizes, anyColour, (made, rgb) => {
        for (const [channel, value] of stageOf(() => none, made)(rgb).entries())
          expect(value).toBeCloseTo(rgb[channel] ?? 0, 6);
      }),
    );
  });

  it('turns hue, strengthens and lightens in linear ProPhoto', () => {
    expectClose(stageOf(() => [120, 1, 1])(shown([0.5, 0.2, 0.3])), shown([0.3, 0.5, 0.2]));
    expectClose(stageOf(() => [0, 0.5, 1])(shown([0.4, 0.2, 0.2])), shown([0.4, 0.3, 0.3]));
    expectClose(stageOf(() => [0, 1, 0.5])(shown([0.4, 0.2, 0.3])), shown([0.2, 0.1, 0.15]));
    const encoded = toLinear(0.5 * toEncoded(0.4));
    const lighter = stageOf(() => [0, 1, 0.5], { encoding: 1 })(shown([0.4, 0.2, 0.4]));
    expectClose(lighter, shown([encoded, encoded / 2, encoded]));
  });

  it('acts on its own hue, saturation and value and linearly between them', () => {
    const green = stageOf((hue) => (hue === 120 ? [0, 0, 1] : none));
    expectClose(green(shown([0.2, 0.4, 0.2])), shown([0.4, 0.4, 0.4]));
    expectClose(green(shown([0.4, 0.2, 0.2])), shown([0.4, 0.2, 0.2]));
    // Half way between green (120) and yellow (60) the saturation of a half is halved.
    expectClose(green(shown([0.3, 0.4, 0.2])), shown([0.35, 0.4, 0.3]));
    const around = stageOf((hue) => (hue === 300 ? [0, 0, 1] : none));
    expectClose(around(shown([0.4, 0.2, 0.3])), shown([0.4, 0.3, 0.35]));
    const strong = stageOf((_, saturation) => [0, 1, saturation === 1 ? 0.5 : 1]);
    expectClose(strong(shown([0.4, 0.1, 0.1])), shown([0.3, 0.075, 0.075]));
    const bright = stageOf((_h, _s, value) => [0, 1, value === 1 ? 0.5 : 1]);
    expectClose(bright(shown([0.5, 0.4, 0.5])), shown([0.375, 0.3, 0.375]));
  });

  it('leaves grey grey and light past white where it is', () => {
    const stage = stageOf((_, saturation) => [40, 1.4, saturation === 0 ? 1 : 0.8], { encoding: 1 });
    fc.assert(
      fc.property(anyGrey, (grey) => {
        expectClose(stage([grey, grey, grey]), [grey, grey, grey]);
      }),
    );
    const bright = proPhoto(stage([1.3, 1.3, 1.3]));
    expectClose(bright, each([1.3, 1.3, 1.3], toLinear));
  });
});

describe('a profile with a table of hues', () => {
  const table = makeTable(() => [0, 0.5, 1]);
  const read = (settings: Record<string, string>) =>
    parseXmpPreset(Buffer.from(writeXmp({ Vibrance: '+5', ...settings })));
  const withTable = (more: Record<string, string> = {}, made = table) =>
    read({ LookTable: made.digest, [`Table_${made.digest}`]: made.text, ...more });

  it('makes a legal preset that says so, works by its amount, and compiles', () => {
    const { preset, unsupported } = withTable({ LookTableAmount: '0.5' });
    expect(unsupported).toEqual([]);
    expect(preset.hue_table).toMatchObject({
      amount: 50,
      hues: 6,
      saturations: 3,
      values: 2,
      encoding: 'linear',
    });
    expect(nativePresetSchema.parse(JSON.parse(JSON.stringify(preset)))).toEqual(preset);
    const { vibrance: _, ...alone } = preset;
    expectClose(developColour(alone)(shown([0.4, 0.2, 0.2])), shown([0.4, 0.25, 0.25]));
    expect(compileLook({ kind: 'native', name: 'x', preset }).lut.every(Number.isFinite)).toBe(true);
  });

  it('is honoured inside a look, and named when its table is missing', () => {
    const inside = (own: string) =>
      parseXmpPreset(
        Buffer.from(
          writeXmp({ Vibrance: '+5' }).replace(
            '</rdf:Description>',
            `<crs:Look><rdf:Description crs:Name="Cobalt" crs:Amount="1"><crs:Parameters><rdf:Description
             crs:LookTable="${table.digest}" ${own}/></crs:Parameters></rdf:Description></crs:Look>$&`,
          ),
        ),
      );
    const found = inside(`crs:Table_${table.digest}="${table.text}"`);
    expect(found).toMatchObject({ preset: { hue_table: { name: 'Cobalt', amount: 100 } }, unsupported: [] });
    expect(inside('').unsupported).toContain('the table of hues of the profile "Cobalt"');
  });

  it.each([
    ['another type', makeTable(() => none, { type: 1 }), /unknown kind/],
    ['another version', makeTable(() => none, { version: 3 }), /unknown kind/],
    ['another encoding', makeTable(() => none, { encoding: 2 }), /unknown encoding/],
    ['numbers without end', makeTable(() => [Number.NaN, 1, 1]), /not all of it are numbers/],
    ['a wrong checksum', { digest: '0'.repeat(32), text: table.text }, /checksum/],
    ['no entries', makeTable(() => none, { hues: 0, saturations: 9 }), /size is wrong|cannot be unpacked/],
  ])('with %s is refused', (_, made, message) => {
    expect(() => withTable({}, made)).toThrow(message);
  });
});
