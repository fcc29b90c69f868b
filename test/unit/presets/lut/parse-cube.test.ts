import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLut } from '../../../../bridge/presets/lut/lut-table.ts';
import { parseCube } from '../../../../bridge/presets/lut/parse-cube.ts';
import { filesBelow, sharedFolder } from '../../../helpers/shared-files.ts';

const identity2 = [0, 1].flatMap((b) => [0, 1].flatMap((g) => [0, 1].map((r) => `${r} ${g} ${b}`)));

describe('.cube text', () => {
  it('is a 3D table with title, domain and comments anywhere', async () => {
    const table = await parseCube(
      [
        '# made by hand',
        'DOMAIN_MAX 1 1 2',
        'TITLE "My look"',
        'LUT_3D_SIZE 2',
        '',
        ...identity2,
        '# end',
      ].join('\r\n'),
    );
    expect(table).toMatchObject({
      title: 'My look',
      shaper: null,
      cube: { size: 2, max: [1, 1, 2] },
      notes: [],
    });
    expect(evaluateLut(table, [0.25, 0.5, 1])).toEqual([0.25, 0.5, 0.5]);
  });

  it('is a 1D table with a domain of its own in each channel', async () => {
    const table = await parseCube(
      'LUT_1D_SIZE 3\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 2 4\n0 0 0\n.5 1 1.5\n1 1 1e0\n',
    );
    expect(table.cube).toBeNull();
    expect(evaluateLut(table, [0.25, 0.5, 1])).toEqual([0.25, 0.5, 0.75]);
  });

  it('is a shaper in front of a 3D table, each with its input range', async () => {
    const text = [
      'LUT_1D_SIZE 2',
      'LUT_1D_INPUT_RANGE 0 2',
      'LUT_3D_SIZE 2',
      'LUT_3D_INPUT_RANGE 0 4',
      '0 0 0',
      '4 4 4',
    ];
    const table = await parseCube([...text, ...identity2].join('\n'));
    expect(evaluateLut(table, [0, 0.5, 1])).toEqual([0, 0.25, 0.5]);
  });

  it('names headers it cannot honour instead of dropping them', async () => {
    const { notes } = await parseCube(['LUT_3D_SIZE 2', 'LUT_IN_VIDEO_RANGE', ...identity2].join('\n'));
    expect(notes).toEqual(['LUT_IN_VIDEO_RANGE of the .cube file']);
  });

  it('comes back from any table of numbers', async () => {
    const number = fc.float({ min: -4, max: 4, noNaN: true });
    const cube = fc
      .integer({ min: 2, max: 5 })
      .chain((size) =>
        fc.tuple(fc.constant(size), fc.array(number, { minLength: 3 * size ** 3, maxLength: 3 * size ** 3 })),
      );
    await fc.assert(
      fc.asyncProperty(cube, async ([size, values]) => {
        const rows = Array.from({ length: size ** 3 }, (_, row) =>
          values.slice(3 * row, 3 * row + 3).join(' '),
        );
        const table = await parseCube([`LUT_3D_SIZE ${size}`, ...rows].join('\n'));
        expect([...(table.cube?.values ?? [])]).toEqual(values.map((value) => value + 0));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['nothing', '', /neither LUT_1D_SIZE nor LUT_3D_SIZE/],
    ['no rows', 'LUT_3D_SIZE 2', /0 rows of numbers; its sizes ask for 8/],
    ['a row too few', ['LUT_3D_SIZE 2', ...identity2.slice(1)].join('\n'), /7 rows/],
    ['a row too many', ['LUT_3D_SIZE 2', ...identity2, '0 0 0'].join('\n'), /line 10: there are more rows/],
    ['rows before the size', '0 0 0\nLUT_3D_SIZE 2', /line 1: .*must stand before/],
    ['a size of 1', 'LUT_3D_SIZE 1', /line 1: the size must be a whole number from 2 to 256/],
    ['a huge size', 'LUT_3D_SIZE 4096', /from 2 to 256/],
    ['a size twice', 'LUT_3D_SIZE 2\nLUT_3D_SIZE 2', /line 2: the size is given twice/],
    ['two numbers', 'LUT_3D_SIZE 2\n0 0', /line 2: expected three numbers/],
    ['words among the numbers', 'LUT_3D_SIZE 2\n0 0 x', /line 2: expected three finite numbers/],
    ['no number', 'LUT_3D_SIZE 2\nnan nan nan', /line 2: "nan" is neither a header nor a number/],
    ['an infinite number', 'LUT_3D_SIZE 2\n1e999 0 0', /three finite numbers/],
    [
      'a domain upside down',
      ['DOMAIN_MIN 1 0 0', 'DOMAIN_MAX 0 1 1', 'LUT_3D_SIZE 2', ...identity2].join('\n'),
      /domain must lie above/,
    ],
    ['a picture', '\u0089PNG\r\n\u001a\n', /line 1/],
    ['a very long line', `LUT_3D_SIZE 2\n${'0 '.repeat(400)}`, /at most 250 characters/],
  ])('that is %s is refused with the line', async (_, text, problem) => {
    await expect(parseCube(text)).rejects.toMatchObject({
      code: 'preset_invalid',
      message: expect.stringMatching(problem),
    });
  });

  const shared = sharedFolder('presets');
  it.skipIf(shared === null)('of other programs is read', async () => {
    const folder = join(shared ?? '', 'cube');
    const files = filesBelow(folder).filter((name) => name.endsWith('.cube'));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) {
      const table = await parseCube(readFileSync(join(folder, name), 'utf8'));
      expect(evaluateLut(table, [0.2, 0.5, 0.8]).every(Number.isFinite), name).toBe(true);
    }
  });
});

describe('a table that asks for far more than its file holds', () => {
  it('is refused at its first row, before there is memory for it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    await expect(parseCube('LUT_3D_SIZE 256\n0 0 0\n')).rejects.toThrow(/too short for the 16777216 rows/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  it.each(['1e9', '99999999999', '-2', '2.5', 'NaN', '0x10000', '257'])(
    'by the size %s is refused',
    async (size) => {
      await expect(parseCube(`LUT_3D_SIZE ${size}\n0 0 0\n`)).rejects.toThrow(/from 2 to 256/);
    },
  );
});
