/** Ink tables: what they promise, and that no profile however damaged makes the reader throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertInks } from '../../../workers/colour/convert-inks.ts';
import { parseInkTable } from '../../../workers/colour/icc-table.ts';
import { rgbSpaces } from '../../../workers/colour/rgb-space.ts';

type Table = { type: 'mft1' | 'mft2'; grid: number; lightness: (inks: readonly number[]) => number };

/** A CMYK profile by an Lab table of neutral colours: L* 0..1 of the ink amounts 0..1. */
function inkProfile({ type, grid, lightness }: Table): Buffer {
  const isWide = type === 'mft2';
  const number = (value: number, full: number) => {
    const bytes = Buffer.alloc(isWide ? 2 : 1);
    if (isWide) bytes.writeUInt16BE(Math.round(value * full));
    else bytes.writeUInt8(Math.round(value * 255));
    return bytes;
  };
  const straight = Array.from({ length: isWide ? 2 : 256 }, (_, at) => number(isWide ? at : at / 255, 65535));
  const neutral = isWide ? [128, 0] : [128];
  const nodes = Array.from({ length: grid ** 4 }, (_, node) => {
    const inks = [3, 2, 1, 0].map((ink) => (Math.floor(node / grid ** ink) % grid) / (grid - 1));
    return Buffer.concat([number(lightness(inks), 65280), Buffer.from([...neutral, ...neutral])]);
  });
  const head = Buffer.alloc(isWide ? 52 : 48);
  head.write(type, 0, 'latin1');
  head.set([4, 3, grid], 8);
  if (isWide) head.set([0, 2, 0, 2], 48);
  const curves = (count: number) => Array.from({ length: count }, () => straight).flat();
  const tag = Buffer.concat([head, ...curves(4), ...nodes, ...curves(3)]);
  const profile = Buffer.alloc(144);
  profile[8] = 2;
  profile.write('prtrCMYKLab ', 12, 'latin1');
  profile.write('acsp', 36, 'latin1');
  profile.writeUInt32BE(1, 128);
  profile.write('A2B0', 132, 'latin1');
  profile.writeUInt32BE(144, 136);
  profile.writeUInt32BE(tag.length, 140);
  return Buffer.concat([profile, tag]);
}

/** Paper is white; all inks in full leave a fifth of the lightness. */
const evenInks = (inks: readonly number[]) => 1 - 0.2 * inks.reduce((sum, ink) => sum + ink, 0);
const kinds = [
  { type: 'mft1', grid: 2 },
  { type: 'mft1', grid: 5 },
  { type: 'mft2', grid: 2 },
  { type: 'mft2', grid: 5 },
] as const;

describe('pixels of ink', () => {
  const convert = (profile: Buffer, data: Uint8Array | Uint16Array) => {
    const table = parseInkTable(profile);
    if (table === null) throw new Error('no table');
    return convertInks({ data, width: data.length / 4, height: 1, channels: 4 }, table, rgbSpaces.srgb).data;
  };

  it.each(kinds)('go from white paper to black with all inks by a $type of $grid nodes', ({ type, grid }) => {
    const profile = inkProfile({ type, grid, lightness: evenInks });
    const ends = convert(profile, Uint8Array.from([0, 0, 0, 0, 255, 255, 255, 255]));
    expect([...ends]).toEqual([255, 255, 255, 0, 0, 0]);
  });

  it('get darker with every ink and stay neutral where the table is', () => {
    const table = inkProfile({ type: 'mft2', grid: 5, lightness: evenInks });
    const level = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(fc.tuple(level, level, level, level), fc.integer({ min: 0, max: 3 }), (inks, ink) => {
        const more = inks.with(ink, Math.min(inks[ink]! + 500, 65535));
        const [red, green, blue, darker] = convert(table, Uint16Array.from([...inks, ...more]));
        expect(darker!).toBeLessThanOrEqual(red!);
        // Two steps of 65535: Lab's 16 bits have no exact zero for a and b with every fraction.
        expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('meet every node exactly', () => {
    const lightness = (inks: readonly number[]) =>
      inks.every((ink) => ink === 1) ? 0 : 1 - 0.6 * inks[0]! * inks[3]!;
    const nodes = convert(
      inkProfile({ type: 'mft2', grid: 2, lightness }),
      Uint8Array.from([255, 0, 0, 255]),
    );
    // L* 40 is Y 0.1125, sRGB 94; black, L* 0, needs no compensation.
    expect([...nodes]).toEqual([94, 94, 94]);
  });
});

describe('a damaged ink profile', () => {
  const profile = inkProfile({ type: 'mft2', grid: 3, lightness: evenInks });

  it('has no table when it is cut anywhere', () => {
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      expect(parseInkTable(profile.subarray(0, Math.floor(profile.length * share)))).toBeNull();
    }
  });

  it('never throws and never gives a colour out of range', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const place = fc.oneof(fc.integer({ min: 0, max: 220 }), fc.integer({ min: 0, max: profile.length - 1 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(place, byte), { maxLength: 12 }), (changes) => {
        const damaged = Buffer.from(profile);
        for (const [at, value] of changes) damaged[at] = value;
        const table = parseInkTable(damaged);
        if (table === null) return;
        const data = Uint16Array.from([0, 0, 0, 0, 65535, 0, 30000, 65535]);
        const pixels = { data, width: 2, height: 1, channels: 4 } as const;
        expect(convertInks(pixels, table, rgbSpaces['adobe-rgb']).data).toHaveLength(6);
      }),
    );
  });
});
