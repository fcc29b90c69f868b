/** Spoils texts as people and programs do: words and numbers changed, lines doubled, dropped, swapped and mixed. */
import type { Random } from '../faults/random.ts';

const words = [
  ...['NaN', 'Infinity', '-0', '1e308', '-1e308', '1e-320', '999999999999', '0.1.2', '', '+', 'null', 'true'],
  ...[
    '__proto__',
    'constructor',
    '"',
    "'",
    '<',
    '>',
    '&',
    '&amp;',
    '&#0;',
    '&x;',
    '<!DOCTYPE a>',
    ']]>',
    '{',
    '}',
  ],
  ...[
    '[',
    ']',
    ',',
    '=',
    '\n',
    '\t',
    '\u0000',
    '\u202e',
    '\ud83d\ude00',
    '--[[',
    '\\',
    'LUT_3D_SIZE 200',
    '/>',
  ],
];

export function mutateText(text: string, other: string, random: Random): string {
  let spoilt = text;
  // Few, else nothing of it is ever legal.
  if (random.whole(0, 2) === 0) return changeNumber(spoilt, random, other);
  const changes = random.whole(1, 4);
  for (let change = 0; change < changes; change += 1) {
    spoilt = random.pick([changeNumber, changeWord, changeLines, insertWord, cut, mixLines])(
      spoilt,
      random,
      other,
    );
  }
  return spoilt;
}

type Mutation = (text: string, random: Random, other: string) => string;

const changeNumber: Mutation = (text, random) =>
  replaceOne(text, /[+-]?\d+(\.\d+)?([eE][+-]?\d+)?/g, random, (found) => {
    const value = Number(found);
    return random.pick([
      String(-value),
      String(value * 1000),
      String(value + 0.5),
      `${found}e3`,
      random.pick(['NaN', '1e999', '', '0', '-1']),
    ]);
  });

const changeWord: Mutation = (text, random) =>
  replaceOne(text, /[A-Za-z_]\w+/g, random, (found) =>
    random.pick([found.toUpperCase(), `${found}x`, found.slice(1), '__proto__', anyWord(random)]),
  );

const changeLines: Mutation = (text, random) => {
  const lines = text.split('\n');
  const [from, to] = [random.whole(0, lines.length), random.whole(0, lines.length)];
  const [line = ''] = lines.splice(from, 1);
  if (random.whole(0, 3) > 0) lines.splice(to, 0, ...Array.from({ length: random.whole(1, 4) }, () => line));
  return lines.join('\n');
};

const insertWord: Mutation = (text, random) => {
  const at = random.whole(0, text.length + 1);
  return text.slice(0, at) + anyWord(random) + text.slice(at);
};

const cut: Mutation = (text, random) => {
  const at = random.whole(0, text.length + 1);
  return text.slice(0, at) + text.slice(at + random.whole(1, 60));
};

const mixLines: Mutation = (text, random, other) => {
  const lines = other.split('\n');
  const from = random.whole(0, lines.length);
  const at = random.whole(0, text.length + 1);
  return text.slice(0, at) + lines.slice(from, from + 3).join('\n') + text.slice(at);
};

function anyWord(random: Random): string {
  return words[random.whole(0, words.length)] ?? '';
}

function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  change: (found: string) => string,
): string {
  const all = [...text.matchAll(pattern)];
  const chosen = all[random.whole(0, Math.max(all.length, 1))];
  if (chosen === undefined) return text;
  return text.slice(0, chosen.index) + change(chosen[0]) + text.slice(chosen.index + chosen[0].length);
}
