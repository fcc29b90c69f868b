import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { createGlob } from '../../../bridge/photos/glob.ts';

const matching = (glob: string, paths: readonly string[]) => paths.filter(createGlob(glob));
const paths = [
  'a.jpg',
  'B.JPG',
  'photo-01.jpg',
  'photo-14.tif',
  'trip/a.jpg',
  'trip/day 1/b.png',
  'x(1).jpg',
  '[x].jpg',
];

describe('a glob', () => {
  it.each([
    ['*.jpg', ['a.jpg', 'B.JPG', 'photo-01.jpg', 'x(1).jpg', '[x].jpg']],
    ['**/*.jpg', ['a.jpg', 'B.JPG', 'photo-01.jpg', 'trip/a.jpg', 'x(1).jpg', '[x].jpg']],
    ['**/photo-0[1-3].jpg', ['photo-01.jpg']],
    ['photo-[!0]?.{jpg,tif}', ['photo-14.tif']],
    ['trip/**', ['trip/a.jpg', 'trip/day 1/b.png']],
    ['trip/*', ['trip/a.jpg']],
    ['*/{a,day*/b}.{jp{g,eg},png}', ['trip/a.jpg', 'trip/day 1/b.png']],
    ['x(1).jpg', ['x(1).jpg']],
    ['\\[x].jpg', ['[x].jpg']],
    ['[[]x].jpg', ['[x].jpg']],
    ['!**/*.jpg', ['photo-14.tif', 'trip/day 1/b.png']],
    ['{a.jpg', []],
    ['', []],
  ])('%s finds %j', (glob, expected) => expect(matching(glob, paths)).toEqual(expected));

  it('finds what the usual library finds, for stars, question marks, classes, braces and folders', () => {
    const piece = fc.constantFrom('a', 'b', 'B', '*', '?', '[ab]', '[^a]', '{a,bb}', '-', '1');
    const name = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    // Three stars mean nothing agreed on.
    const usual = name.filter((text) => !text.includes('**'));
    const folders = fc.array(fc.oneof(usual, fc.constant('**')), { maxLength: 3 });
    const globs = fc.tuple(folders, usual).map(([inner, last]) => [...inner, last].join('/'));
    const words = fc.array(fc.constantFrom('a', 'b', 'A', '-', '1'), { minLength: 1, maxLength: 4 });
    const texts = fc
      .array(
        words.map((parts) => parts.join('')),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(globs, texts, (glob, text) => {
        expect([glob, text, createGlob(glob)(text)]).toEqual([
          glob,
          text,
          picomatch(glob, { nocase: true })(text),
        ]);
      }),
      { numRuns: 3000 },
    );
  });

  it('ends at once on patterns that keep a regular expression busy for years', () => {
    const name = `${'a'.repeat(250)}.jpg`;
    for (const glob of [
      '*a'.repeat(120),
      '?*'.repeat(120),
      '+(a*)'.repeat(50),
      `${'**/'.repeat(80)}x`,
      `${'[a-z]*'.repeat(40)}x`,
    ])
      expect([glob, createGlob(glob)(`${name}b`)]).toEqual([glob, glob === '?*'.repeat(120)]);
  });

  it('refuses braces that multiply into more alternatives than anybody means', () => {
    expect(() => createGlob('{a,b}'.repeat(7))).toThrow(RangeError);
    expect(createGlob('{a,b}'.repeat(6))('ababab')).toBe(true);
    expect(() => createGlob('{'.repeat(255))).not.toThrow();
  });
});
