/**
 * Globs over file names: `*` and `?` within a folder's name, `**` across folders, `[a-z]`, `[!a-z]`, `{jpg,png}`, a leading `!`
 * for all others; `\` takes the next character as it is, and so stands every other character for itself, parentheses too.
 * No regular expression is made of it: a few stars would keep one busy for years on the right name. Pure.
 */

type Token =
  | { kind: 'character'; value: string }
  | { kind: 'class'; negated: boolean; ranges: readonly (readonly [from: string, to: string])[] }
  /** Any one character, any number of them, any number of whole folders with their slashes; anything. */
  | { kind: 'one' | 'star' | 'folders' | 'deep' };

/** Alternatives that braces may multiply into. */
const MAX_ALTERNATIVES = 100;

/**
 * A test of paths with `/` between their folders; case counts as equal. A match takes time in proportion to the product of both
 * lengths. Throws RangeError for more than 100 alternatives in braces.
 */
export function createGlob(glob: string): (path: string) => boolean {
  const isNegated = glob.startsWith('!');
  const patterns = expandBraces(isNegated ? glob.slice(1) : glob).map(parseTokens);
  return (path) => {
    const text = [...path.toLowerCase()];
    return patterns.some((tokens) => isMatch(tokens, text)) !== isNegated;
  };
}

/** `a{b,c{d,e}}` → `ab`, `acd`, `ace`. Braces without a comma, or without an end, stand for themselves. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = findBraces(next);
    if (braces === null) done.push(next);
    else {
      const { start, end, options } = braces;
      for (const option of options.toReversed()) open.push(next.slice(0, start) + option + next.slice(end));
    }
    if (done.length + open.length > MAX_ALTERNATIVES)
      throw new RangeError(`a glob may have ${MAX_ALTERNATIVES} alternatives`);
  }
  return done;
}

/** The first innermost-closed pair of braces with a comma of its own. */
function findBraces(glob: string): { start: number; end: number; options: string[] } | null {
  const stack: { start: number; commas: number[] }[] = [];
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at];
    if (character === '\\') at += 1;
    else if (character === '{') stack.push({ start: at, commas: [] });
    else if (character === ',') stack.at(-1)?.commas.push(at);
    else if (character === '}') {
      const { start, commas } = stack.pop() ?? { start: 0, commas: [] };
      if (commas.length === 0) continue;
      const cuts = [start, ...commas, at];
      const options = commas.concat(at).map((cut, index) => glob.slice((cuts[index] ?? 0) + 1, cut));
      return { start, end: at + 1, options };
    }
  }
  return null;
}

function parseTokens(pattern: string): Token[] {
  const characters = [...pattern.toLowerCase()];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; ) {
    const value = characters[at] ?? '';
    const { token, length } = parseStars(characters, at) ??
      parseClass(characters, at) ?? {
        token: toPlain(value, characters[at + 1]),
        length: value === '\\' ? 2 : 1,
      };
    tokens.push(token);
    at += length;
  }
  return tokens;
}

type Parsed = { token: Token; length: number } | null;

function toPlain(value: string, next: string | undefined): Token {
  if (value === '?') return { kind: 'one' };
  return { kind: 'character', value: value === '\\' ? (next ?? value) : value };
}

/** Two stars that are a whole folder's name go across folders; any others are like one. */
function parseStars(characters: readonly string[], at: number): Parsed {
  let length = 0;
  while (characters[at + length] === '*') length += 1;
  if (length === 0) return null;
  const isAlone = length > 1 && (at === 0 || characters[at - 1] === '/');
  const after = characters[at + length];
  if (isAlone && after === '/') return { token: { kind: 'folders' }, length: length + 1 };
  return { token: { kind: isAlone && after === undefined ? 'deep' : 'star' }, length };
}

function parseClass(characters: readonly string[], at: number): Parsed {
  if (characters[at] !== '[') return null;
  const negated = characters[at + 1] === '!' || characters[at + 1] === '^';
  const first = at + (negated ? 2 : 1);
  // A bracket right at the start is one of the class.
  const end = characters.indexOf(']', first + 1);
  if (end === -1) return null;
  const ranges: [string, string][] = [];
  for (let index = first; index < end; index++) {
    const from = characters[index] ?? '';
    const isRange = characters[index + 1] === '-' && index + 2 < end;
    ranges.push([from, isRange ? (characters[index + 2] ?? '') : from]);
    if (isRange) index += 2;
  }
  return { token: { kind: 'class', negated, ranges }, length: end + 1 - at };
}

/** All places the pattern can be at are followed together, so that nothing is tried twice. */
function isMatch(tokens: readonly Token[], text: readonly string[]): boolean {
  let places = new Set<number>();
  enter(tokens, 0, places);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) step(tokens, { place, character }, next);
    places = next;
  }
  return places.has(tokens.length);
}

/** What may stand for nothing is left at once, too. */
function enter(tokens: readonly Token[], first: number, places: Set<number>): void {
  for (let place = first; ; place++) {
    places.add(place);
    const kind = tokens[place]?.kind;
    if (kind !== 'star' && kind !== 'deep' && kind !== 'folders') return;
  }
}

type Step = { place: number; character: string };

function step(tokens: readonly Token[], { place, character }: Step, next: Set<number>): void {
  const token = tokens[place];
  if (token === undefined) return;
  const isSlash = character === '/';
  switch (token.kind) {
    case 'character':
      if (character === token.value) enter(tokens, place + 1, next);
      return;
    case 'one':
      if (!isSlash) enter(tokens, place + 1, next);
      return;
    case 'class':
      if (!isSlash && isInRanges(token.ranges, character) !== token.negated) enter(tokens, place + 1, next);
      return;
    case 'star':
      if (!isSlash) enter(tokens, place, next);
      return;
    case 'deep':
      enter(tokens, place, next);
      return;
    case 'folders':
      // Left only behind a slash.
      next.add(place);
      if (isSlash) enter(tokens, place + 1, next);
  }
}

function isInRanges(ranges: readonly (readonly [string, string])[], character: string): boolean {
  return ranges.some(([from, to]) => from <= character && character <= to);
}
