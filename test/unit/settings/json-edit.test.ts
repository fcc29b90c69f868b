import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeJsonText } from '../../../bridge/settings/json-edit.ts';
import { parseJsonText, toJsonValue } from '../../../bridge/settings/json-text.ts';

type Tree = Record<string, unknown>;
const parse = (text: string) => toJsonValue(parseJsonText(text));
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396, as it is written there. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Tree = isTree(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

const key = fc.constantFrom('a', 'b', 'c', 'log', '"x"', 'é\\');
const plain = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant([1, 'two', { three: null }]));
const tree = fc.letrec<{ tree: Tree; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, plain, tie('tree')),
  tree: fc.dictionary(key, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Tree>,
})).tree;
const patch = fc.letrec<{ patch: Tree; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, plain, fc.constant(null), tie('patch')),
  patch: fc.dictionary(key, tie('value'), { maxKeys: 4 }) as fc.Arbitrary<Tree>,
})).patch;

/** The same value in another layout, with a comment at each line end, a comment of its own line, and trailing commas. */
function writeLoosely(value: unknown, { indent, comma }: { indent: number; comma: boolean }): string {
  let count = 0;
  const text = JSON.stringify(value, null, indent);
  const loose = comma ? text.replace(/([\w"\]}])\n(\s*[}\]])/g, '$1,\n$2') : text;
  return loose.replace(/\n/g, () => ` // note ${++count}\n/* own ${count} */`);
}
const notesOf = (text: string) => text.match(/note \d+|own \d+/g)?.sort() ?? [];

describe('an edit of the settings text', () => {
  it('comes to what a JSON merge patch says, for any text and patch', () => {
    fc.assert(
      fc.property(
        tree,
        patch,
        fc.record({ indent: fc.constantFrom(0, 1, 2, 4), comma: fc.boolean() }),
        (value, change, layout) => {
          const before = writeLoosely(value, layout);
          expect(parse(before)).toEqual(JSON.parse(JSON.stringify(value)));
          const after = mergeJsonText(before, change);
          expect(parse(after)).toEqual(merge(JSON.parse(JSON.stringify(value)), change));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('loses no comment outside of the value it replaces', () => {
    fc.assert(
      fc.property(tree, fc.dictionary(key, fc.constant(null)), (value, removals) => {
        const flat = Object.fromEntries(Object.keys(value).map((name, index) => [name, index]));
        const before = writeLoosely(flat, { indent: 2, comma: false });
        expect(notesOf(mergeJsonText(before, removals))).toEqual(notesOf(before));
        expect(notesOf(mergeJsonText(before, { new: { a: 1 } }))).toEqual(notesOf(before));
      }),
    );
  });

  it('leaves layout and everything else as a person wrote it', () => {
    const before =
      '{\n    // the door\n    "server": { "port": 5100 }, // keep\n    "log": {\n        "level": "info" // loud\n    }\n}\n';
    expect(mergeJsonText(before, { log: { keep: 3 }, server: { port: 7 } })).toBe(
      '{\n    // the door\n    "server": { "port": 7 }, // keep\n    "log": {\n        "level": "info", // loud\n        "keep": 3\n    }\n}\n',
    );
    expect(mergeJsonText(before, { server: null })).toBe(
      '{\n    // the door\n     // keep\n    "log": {\n        "level": "info" // loud\n    }\n}\n',
    );
    expect(mergeJsonText('{\n}\n', { log: { level: 'debug' } })).toBe(
      '{\n  "log": {\n    "level": "debug"\n  }\n}\n',
    );
  });

  it('changes the one that counts of a doubled key, and takes out both', () => {
    expect(parse(mergeJsonText('{"a":1,"a":2}', { a: 3 }))).toEqual({ a: 3 });
    expect(parse(mergeJsonText('{"a":1,"b":0,"a":2}', { a: null }))).toEqual({ b: 0 });
  });
});

describe('the reader of the settings text', () => {
  it('takes what JSON.parse takes and comes to the same', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what is no JSON with line and column, and never hangs', () => {
    const cases: [string, RegExp][] = [
      ['{"a":1 "b":2}', /comma or "}" \(line 1, column 8\)/],
      ['{\n  a: 1}', /key in double quotes \(line 2, column 3\)/],
      ['{"a" 1}', /colon/],
      ['[1 2]', /comma or "]"/],
      ['{"a":', /ends too soon/],
      ['{} x', /behind its end/],
      ['{"a":01}', /no valid value/],
      ['{"a":nul}', /no value here/],
      ['', /ends too soon/],
      ['{,}', /key in double quotes/],
      ['/* open', /no value here/],
      ['['.repeat(100), /deeper than 64/],
    ];
    for (const [text, message] of cases) expect(() => parse(text), text).toThrow(message);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"1a \n/*\\') }), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) expect(parse(text)).toEqual(JSON.parse(text));
        else
          try {
            parse(text);
          } catch (error) {
            expect(String(error)).toMatch(/line \d+, column \d+/);
          }
      }),
      { numRuns: 2000 },
    );
  });
});
