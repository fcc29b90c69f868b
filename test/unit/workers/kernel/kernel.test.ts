import { describe, expect, it } from 'vitest';
import type { Look } from '../../../../bridge/presets/look.ts';
import { createKernel } from '../../../../workers/kernel/kernel.ts';
import { identityLook, powerCurves, randomPixels, strongLook } from './looks.ts';

describe('what a kernel leaves alone', () => {
  it.each([8, 16] as const)('keeps alpha as it is at %i bits, with curves and without', (depth) => {
    for (const look of [strongLook(5), strongLook(5, powerCurves(0.5, 0.6, 0.7))]) {
      const source = randomPixels(depth, 4 * 1003, 2);
      const shown = source.slice();
      createKernel(look, 80).apply(shown, 4);
      expect(shown.filter((_, i) => i % 4 === 3)).toEqual(source.filter((_, i) => i % 4 === 3));
      expect(shown).not.toEqual(source);
    }
  });

  it.each([8, 16] as const)('touches nothing outside the array it is given at %i bits', (depth) => {
    const source = randomPixels(depth, 3000, 3);
    const shown = source.slice();
    createKernel(strongLook(5), 100).apply(shown.subarray(7, 7 + 301 * 3), 3);
    expect(shown.subarray(0, 7)).toEqual(source.subarray(0, 7));
    expect(shown.subarray(7 + 301 * 3)).toEqual(source.subarray(7 + 301 * 3));
  });

  it('leaves a part of a pixel at the end as it was', () => {
    const shown = Uint8Array.of(10, 20, 30, 40, 50);
    createKernel(strongLook(5), 100).apply(shown, 3);
    expect([...shown.subarray(3)]).toEqual([40, 50]);
  });
});

it('gives the same colours when kernels and depths take turns in one thread', () => {
  const kernels = [strongLook(33), strongLook(5), strongLook(9, powerCurves(2, 1, 0.5)), strongLook(65)].map(
    (look) => createKernel(look, 75),
  );
  const run = (index: number, depth: 8 | 16) => {
    const pixels = randomPixels(depth, 300, 4);
    kernels[index]?.apply(pixels, 3);
    return pixels;
  };
  const turns = [0, 1, 2, 3].flatMap((index) => ([8, 16] as const).map((depth) => ({ index, depth })));
  const first = turns.map(({ index, depth }) => run(index, depth));
  const again = turns.toReversed().map(({ index, depth }) => run(index, depth));
  expect(again.toReversed()).toEqual(first);
});

it('reads tables that live in shared memory', () => {
  const look = strongLook(9, powerCurves(0.5, 0.6, 0.7));
  const share = (table: Float32Array) => {
    const shared = new Float32Array(new SharedArrayBuffer(table.byteLength));
    shared.set(table);
    return shared;
  };
  const [own, shared] = [randomPixels(8, 300, 6), randomPixels(8, 300, 6)];
  createKernel(look, 40).apply(own, 3);
  createKernel({ ...look, lut: share(look.lut), curves: share(look.curves!) }, 40).apply(shared, 3);
  expect(shared).toEqual(own);
});

describe('what createKernel refuses', () => {
  const good = identityLook(3);
  const bad: [string, Look, number][] = [
    ['a grid of one node', { ...good, size: 1 }, 100],
    ['a grid of 130 nodes', { ...good, size: 130 }, 100],
    ['a broken size', { ...good, size: 2.5 }, 100],
    ['a table that does not fit', { ...good, lut: good.lut.subarray(1) }, 100],
    ['curves that do not fit', { ...good, curves: new Float32Array(1025) }, 100],
    ['a blend below 0', good, -1],
    ['a blend above 100', good, 100.5],
    ['a blend that is no number', good, Number.NaN],
  ];
  it.each(bad)('is %s', (_, look, blend) => {
    expect(() => createKernel(look, blend)).toThrow(RangeError);
  });
});
