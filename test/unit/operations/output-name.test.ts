/** Names of outputs, held against what Linux, macOS and Windows refuse, written down here a second time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, numbered, toSafeName } from '../../../bridge/operations/develop/output-name.ts';

const MAX_ATTEMPT = 100_000;

/**
 * Why a system would not take the name, or would take it for another; null when all would. From: Microsoft, "Naming Files, Paths,
 * and Namespaces"; Apple, "HFS Plus volume format" and APFS (255 UTF-8 bytes or UTF-16 units, no NUL, `/`, `:`); POSIX.1-2017, 3.170.
 */
function refusalOf(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'no name';
  if (new TextEncoder().encode(name).length > 255) return 'more than 255 bytes';
  if (name.length > 255 || name.normalize('NFD').length > 255) return 'more than 255 units';
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 32 || code === 127) return 'a control character';
    if ('\\/:*?"<>|'.includes(character)) return `the character ${character}`;
    if (code >= 0xd800 && code <= 0xdfff) return 'half a character';
  }
  const last = name.at(-1);
  if (last === '.' || last === ' ') return 'a last character that Windows drops';
  if (name.startsWith(' ')) return 'a first blank';
  if (/[\u202a-\u202e\u2066-\u2069]/.test(name)) return 'a turn of direction';
  const device = (name.split('.')[0] ?? '').replace(/ +$/, '').toUpperCase();
  if (['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$'].includes(device)) return 'a device';
  return /^(COM|LPT)[0-9\u00b9\u00b2\u00b3]$/.test(device) ? 'a device' : null;
}

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      'con',
      'CON',
      'nul',
      'Aux',
      'PRN',
      'COM1',
      'com\u00b9',
      'LPT9',
      'COM0',
      'CONIN$',
      'conout$',
      'CLOCK$',
    ],
    ...['.', '..', ' ', '/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '\n', '\t', '\u007f', '\u0085'],
    ...['\u202e', '\u2066', '\u200f', '\u2215', '\uff0f', '\u29f8', '\u2044', '\ufeff', '\u2028', '\u3000'],
    ...['e\u0301', '\u00e9', '\ud83d\ude00', '\ud800', '\udfff', '\u1112\u1161\u11ab', '\ufb03', 'ß', 'İ'],
    ...[
      '{name}',
      '{ext}',
      '{folder}',
      '{nope}',
      '-',
      '~1',
      '%00',
      '$',
      '.jpg',
      'x'.repeat(120),
      'ü'.repeat(90),
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

const parts = fc.record({
  sourcePath: text.map((name) => `/photos/${name.replaceAll('\0', '')}`),
  photoId: fc.nat(),
  seq: fc.integer({ min: 1, max: 1_000_000 }),
  batchId: fc.constant('batch_0123456789ab'),
  preset: text,
  blend: fc.integer({ min: 0, max: 100 }),
  suffix: text,
});

describe('a name of an output', () => {
  it('is one that all three systems take, whatever it is made of', () => {
    fc.assert(
      fc.property(text, parts, fc.integer({ min: 1, max: MAX_ATTEMPT }), (template, values, attempt) => {
        const name = fillTemplate(template, values);
        for (const format of ['jpeg', 'avif', 'tiff'] as const) {
          for (const whole of [numbered(name, 1, format), numbered(name, attempt, format)]) {
            expect(refusalOf(whole), JSON.stringify(whole)).toBeNull();
          }
        }
        // By itself, too: somebody may use it with another ending.
        expect(refusalOf(name), JSON.stringify(name)).toBeNull();
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['photo', 'photo'],
    ['Ünïcödé-日本語', 'Ünïcödé-日本語'],
    ['a\u2215b\uff0fc\u29f8d', 'a\u2215b\uff0fc\u29f8d'],
    ['e\u0301', 'e\u0301'],
    ['a b.c', 'a b.c'],
    ['console', 'console'],
    ['com10', 'com10'],
  ])('%j that all of them take stays as it is', (given, kept) => {
    expect(toSafeName(given)).toBe(kept);
  });

  it.each([
    ['CON', '_CON'],
    ['nul.tar', '_nul.tar'],
    ['com1 .x', '_com1 .x'],
    ['a/../../b', 'a_.._.._b'],
    ['..\\..\\b', '_\\..\\b'.replaceAll('\\', '_')],
    ['a:b', 'a_b'],
    ['x. . ', 'x'],
    ['...', '_'],
    ['', 'photo'],
    ['gpj\u202ecod', 'gpj_cod'],
  ])('%j becomes %j', (given, made) => {
    expect(toSafeName(given)).toBe(made);
  });

  it('is its own safe form, and never leads out of its folder', () => {
    fc.assert(
      fc.property(text, (given) => {
        const once = toSafeName(given);
        expect(toSafeName(once)).toBe(once);
        expect(once).not.toMatch(/[/\\\0]/);
        expect(once.startsWith('.')).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});
