/** Profiles: colour tables inside the file, from their text to what they do to colours. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativePresetSchema, profileCurves, profilePrimaries } from '../../../../bridge/contract/index.ts';
import { decodeBase85 } from '../../../../bridge/presets/camera-raw/base-85.ts';
import { decodeRgbTable } from '../../../../bridge/presets/camera-raw/rgb-table.ts';
import { compileLook } from '../../../../bridge/presets/compile-look.ts';
import { profileStage } from '../../../../bridge/presets/controls/profile-table.ts';
import { developColour } from '../../../../bridge/presets/develop-colour.ts';
import { parseXmpPreset } from '../../../../bridge/presets/xmp/parse-xmp-preset.ts';
import { anyColour } from '../any-preset.ts';
import { encodeBase85, packTable } from './pack-table.ts';
import { type PlainSettings, writeXmp } from './write-xmp.ts';

type Colour = (rgb: readonly [number, number, number]) => readonly number[];
type Made = {
  dimensions?: 1 | 3;
  divisions?: number;
  primaries?: number;
  curve?: number;
  gamut?: number;
  type?: number;
};

/** A table as the DNG SDK writes it, of what `colour` makes of each node's place. */
function makeTable(colour: Colour, made: Made = {}) {
  const { dimensions = 3, divisions = 3, primaries = 0, curve = 1, gamut = 0, type = 1 } = made;
  const nodes = divisions ** dimensions;
  const bytes = Buffer.alloc(16 + nodes * 6 + 28);
  for (const [at, value] of [type, 1, dimensions, divisions].entries()) bytes.writeUInt32LE(value, at * 4);
  // Adobe's rounding; it wraps around for two divisions, and cancels out.
  const identityOf = (index: number) => Math.floor((index * 0xffff + (divisions >> 1)) / (divisions - 1));
  for (let node = 0; node < nodes; node++) {
    const [r, g, b] =
      dimensions === 1
        ? [node, node, node]
        : [Math.floor(node / divisions ** 2), Math.floor(node / divisions) % divisions, node % divisions];
    const places = [r, g, b] as const;
    const at = (index: number) => index / (divisions - 1);
    const wanted = colour([at(r), at(g), at(b)]);
    for (const [channel, index] of places.entries()) {
      const delta = (Math.round((wanted[channel] ?? 0) * 65535) - identityOf(index)) & 0xffff;
      bytes.writeUInt16LE(delta, 16 + node * 6 + channel * 2);
    }
  }
  const tail = 16 + nodes * 6;
  for (const [at, value] of [primaries, curve, gamut].entries()) bytes.writeUInt32LE(value, tail + at * 4);
  bytes.writeDoubleLE(0, tail + 12);
  bytes.writeDoubleLE(2, tail + 20);
  return packTable(bytes);
}

const withTable = (table: { digest: string; text: string }, more: PlainSettings = {}) =>
  writeXmp({ RGBTable: table.digest, [`Table_${table.digest}`]: table.text, ...more });
const read = (text: string) => parseXmpPreset(Buffer.from(text));
const invert: Colour = ([r, g, b]) => [1 - r, 1 - g, 1 - b];
const same: Colour = (rgb) => rgb;

describe('base 85', () => {
  it('gives back any bytes, and passes over line breaks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase85(bytes).replace(/(.{7})/g, '$1\n');
        expect([...decodeBase85(text)]).toEqual([...bytes]);
      }),
    );
  });
});

describe('a profile table', () => {
  const spaces = fc.record({
    primaries: fc.integer({ min: 0, max: profilePrimaries.length - 1 }),
    curve: fc.integer({ min: 0, max: profileCurves.length - 1 }),
    gamut: fc.constantFrom(0, 1),
    divisions: fc.integer({ min: 2, max: 9 }),
    dimensions: fc.constantFrom(1 as const, 3 as const),
  });

  it('that changes nothing leaves every colour alone, in any space', () => {
    fc.assert(
      fc.property(spaces, anyColour, (made, rgb) => {
        const table = makeTable(same, made);
        const stage = profileStage({ amount: 100, ...decodeRgbTable(table.text, table.digest).profile });
        for (const [channel, value] of stage(rgb).entries()) expect(value).toBeCloseTo(rgb[channel] ?? 0, 3);
      }),
      { numRuns: 300 },
    );
  });

  it('is looked up in red, green and blue as they stand', () => {
    const table = makeTable(([r, g, b]) => [r * 0.5, g, b * b], { divisions: 32 });
    const stage = profileStage(decodeRgbTable(table.text, table.digest).profile);
    const [red, green, blue] = stage([0.8, 0.6, 0.4]);
    expect(red).toBeCloseTo(0.4, 3);
    expect(green).toBeCloseTo(0.6, 3);
    expect(blue).toBeCloseTo(0.16, 2);
  });

  it('works by its amount', () => {
    const table = makeTable(invert);
    const half = read(withTable(table, { RGBTableAmount: '0.5' })).preset;
    expect(half.profile?.amount).toBe(50);
    for (const value of developColour(half)([0.9, 0.2, 0.5])) expect(value).toBeCloseTo(0.5, 4);
    expect(read(withTable(table, { RGBTableAmount: '9' })).preset.profile?.amount).toBe(200);
  });

  it('makes a legal preset that compiles', () => {
    const { preset, unsupported } = read(withTable(makeTable(invert, { divisions: 32 })));
    expect(unsupported).toEqual([]);
    expect(nativePresetSchema.parse(JSON.parse(JSON.stringify(preset)))).toEqual(preset);
    const look = compileLook({ kind: 'native', name: 'x', preset });
    expect(look.lut.every(Number.isFinite)).toBe(true);
  });

  it('is found inside the look of a preset, or beside it', () => {
    const table = makeTable(invert);
    const look = (parameters: string) =>
      `<crs:Look><rdf:Description crs:Name="Modern 05" crs:Amount="0.8"><crs:Parameters>
       <rdf:Description crs:RGBTable="${table.digest}" crs:RGBTableAmount="0.5" ${parameters}/></crs:Parameters></rdf:Description></crs:Look>`;
    const packet = writeXmp({ Vibrance: '+5' });
    const inside = packet.replace(
      '</rdf:Description>',
      `${look(`crs:Table_${table.digest}="${table.text}"`)}$&`,
    );
    const beside = writeXmp({ Vibrance: '+5', [`Table_${table.digest}`]: table.text }).replace(
      '</rdf:Description>',
      `${look('')}$&`,
    );
    for (const text of [inside, beside]) {
      const { preset, unsupported } = read(text);
      expect(preset.profile).toMatchObject({ name: 'Modern 05', amount: 40 });
      expect(unsupported).toEqual([]);
    }
    const hues = packet.replace(
      '</rdf:Description>',
      `${look(`crs:LookTable="AB" crs:Table_${table.digest}="${table.text}"`)}$&`,
    );
    expect(read(hues).unsupported).toEqual(['the table of hues of the profile "Modern 05"']);
    const missing = packet.replace('</rdf:Description>', `${look('')}$&`);
    expect(read(missing).unsupported).toEqual(['profile "Modern 05" (Adobe has not published its colours)']);
  });

  const wrong = makeTable(invert);
  it.each([
    ['a wrong checksum', { digest: '0'.repeat(32), text: wrong.text }, /its checksum is wrong/],
    ['half its text', { digest: wrong.digest, text: wrong.text.slice(0, 60) }, /cannot be unpacked/],
    ['no text', { digest: wrong.digest, text: '' }, /cannot be unpacked/],
    ['another type', makeTable(invert, { type: 7 }), /of an unknown kind/],
    ['unknown primaries', makeTable(invert, { primaries: 9 }), /unknown colour space/],
    [
      'a size beyond its bytes',
      packTable(
        Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 32, 0, 0, 0]), Buffer.alloc(40)]),
      ),
      /its size is wrong/,
    ],
    ['more bytes than any table has', packTable(Buffer.alloc(50_000_000)), /cannot be unpacked/],
  ])('with %s is refused', (_, table, message) => {
    expect(() => read(withTable(table))).toThrow(message);
  });
});

describe("profiles of Adobe's own", () => {
  const look = (name: string) =>
    read(
      writeXmp({ Vibrance: '+5' }).replace(
        '</rdf:Description>',
        `<crs:Look><rdf:Description crs:Name="${name}" crs:Amount="1"/></crs:Look>$&`,
      ),
    );

  it.each(['Adobe Color', 'Adobe Standard', 'Color', 'Camera Standard', 'Camera Standard v2'])(
    '"%s" asks nothing of a developed photo',
    (name) => {
      expect(look(name)).toMatchObject({ preset: { vibrance: 5 }, unsupported: [] });
    },
  );

  it('Adobe Monochrome makes grey, all others are named once', () => {
    expect(look('Adobe Monochrome')).toMatchObject({ preset: { monochrome: {} }, unsupported: [] });
    expect(look('Adobe Vivid').unsupported).toEqual([
      'profile "Adobe Vivid" (Adobe has not published its colours)',
    ]);
    expect(read(writeXmp({ Vibrance: '1', CameraProfile: 'Camera Velvia' })).unsupported).toHaveLength(1);
  });
});
