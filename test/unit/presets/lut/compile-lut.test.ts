import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rgb } from '../../../../bridge/presets/colour/rgb.ts';
import { interpolateLook } from '../../../../bridge/presets/evaluate-look.ts';
import { compileLut } from '../../../../bridge/presets/lut/compile-lut.ts';
import { readPngSize, toHaldLevel, toHaldTable } from '../../../../bridge/presets/lut/hald-table.ts';
import { evaluateLut, type LutTable } from '../../../../bridge/presets/lut/lut-table.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const colour = fc.tuple(unit, unit, unit) as fc.Arbitrary<Rgb>;
const value = fc.float({ min: -0.5, max: 1.5, noNaN: true });
const values = (count: number) =>
  fc.array(value, { minLength: count, maxLength: count }).map((list) => Float32Array.from(list));
const domain = fc
  .tuple(fc.double({ min: -0.5, max: 0.2, noNaN: true }), fc.double({ min: 0.6, max: 2, noNaN: true }))
  .map(([min, max]) => ({ min: [min, min, min] as Rgb, max: [max, max, max] as Rgb }));
const cube = fc
  .tuple(fc.integer({ min: 2, max: 6 }), domain)
  .chain(([size, box]) => values(3 * size ** 3).map((list) => ({ size, ...box, values: list })));
const plain = (table: Partial<LutTable>): LutTable => ({
  title: null,
  shaper: null,
  cube: null,
  notes: [],
  ...table,
});

/** Largest difference in levels of 255. */
function worst(a: Rgb, b: Rgb): number {
  return 255 * Math.max(...a.map((channel, index) => Math.abs(channel - (b[index] ?? 0))));
}

describe('a lookup table as a Look', () => {
  it('is the very table where that has the domain 0 to 1', () => {
    fc.assert(
      fc.property(cube, colour, (given, rgb) => {
        const table = plain({ cube: { ...given, min: [0, 0, 0], max: [1, 1, 1] } });
        const look = compileLut(table, 'x');
        expect(look.curves).toBeNull();
        expect(worst(interpolateLook(look, rgb), evaluateLut(table, rgb))).toBeLessThan(1e-3);
      }),
    );
  });

  it('keeps domains, shapers in front of cubes and shapers alone', () => {
    // Smooth: what a straight line between two of the Look's own entries cannot follow is not meant here.
    const shaper = fc
      .tuple(domain, fc.double({ min: 0.5, max: 2, noNaN: true }), fc.integer({ min: 16, max: 64 }))
      .map(([box, power, size]) => ({
        size,
        ...box,
        values: Float32Array.from(
          { length: 3 * size },
          (_, at) => (Math.floor(at / 3) / (size - 1)) ** power,
        ),
      }));
    fc.assert(
      fc.property(fc.option(shaper), cube, colour, (front, given, rgb) => {
        const smooth = Float32Array.from(given.values, (_, at) => {
          const node = Math.floor(at / 3);
          const axis = [node, node / given.size, node / given.size ** 2][at % 3] ?? 0;
          return (Math.floor(axis) % given.size) / (given.size - 1);
        });
        const table = plain({ shaper: front, cube: { ...given, values: smooth } });
        expect(worst(interpolateLook(compileLut(table, 'x'), rgb), evaluateLut(table, rgb))).toBeLessThan(
          0.6,
        );
        if (front === null) return;
        const alone = plain({ shaper: front });
        expect(worst(interpolateLook(compileLut(alone, 'x'), rgb), evaluateLut(alone, rgb))).toBeLessThan(
          0.6,
        );
      }),
    );
  });

  it('of a grid too large for a kernel is made anew, exact where both have nodes', () => {
    const size = 144;
    const bent = (place: number) => (place / (size - 1)) ** 1.5;
    const list = new Float32Array(3 * size ** 3);
    for (let node = 0; node < size ** 3; node += 1) {
      list[3 * node] = bent(node % size);
      list[3 * node + 1] = bent(Math.floor(node / size) % size);
      list[3 * node + 2] = bent(Math.floor(node / size ** 2));
    }
    const table = plain({ cube: { size, min: [0, 0, 0], max: [1, 1, 1], values: list } });
    const look = compileLut(table, 'x');
    expect(look.size).toBe(129);
    for (const rgb of [
      [0.1, 0.5, 0.9],
      [0, 1, 0.33],
      [0.02, 0.98, 0.5],
    ] as Rgb[])
      expect(worst(interpolateLook(look, rgb), evaluateLut(table, rgb))).toBeLessThan(0.1);
  });
});

describe('a HaldCLUT', () => {
  it.each([
    [8, 2],
    [27, 3],
    [512, 8],
    [4096, 16],
  ])('of %d pixels an edge has level %d', (edge, level) => {
    expect(toHaldLevel({ width: edge, height: edge })).toBe(level);
  });

  it.each([
    [512, 511],
    [100, 100],
    [1, 1],
    [4913, 4913],
  ])('of %d x %d pixels is none', (width, height) => {
    expect(() => toHaldLevel({ width, height })).toThrow(/square picture/);
  });

  it.each([3, 4])('with %d channels that is the identity changes nothing, in 8 and 16 bits', (channels) => {
    const level = 3;
    const size = level ** 2;
    for (const white of [255, 65_535]) {
      const data = new (white === 255 ? Uint8Array : Uint16Array)(channels * size ** 3).fill(white);
      for (let node = 0; node < size ** 3; node += 1) {
        const axes = [node % size, Math.floor(node / size) % size, Math.floor(node / size ** 2)];
        for (const [channel, axis] of axes.entries())
          data[channels * node + channel] = Math.round((axis / (size - 1)) * white);
      }
      const look = compileLut(toHaldTable({ data, width: 27, height: 27, channels }), 'x');
      fc.assert(
        fc.property(colour, (rgb) => {
          expect(worst(interpolateLook(look, rgb), rgb)).toBeLessThan(0.51);
        }),
      );
    }
  });

  it('is told by its header before anything is decoded', () => {
    const head = Buffer.alloc(33);
    Buffer.from('89504e470d0a1a0a', 'hex').copy(head);
    head.write('IHDR', 12, 'latin1');
    head.writeUInt32BE(512, 16);
    head.writeUInt32BE(512, 20);
    expect(readPngSize(head)).toEqual({ width: 512, height: 512 });
    expect(() => readPngSize(Buffer.from('GIF89a'))).toThrow(/no PNG/);
  });
});
