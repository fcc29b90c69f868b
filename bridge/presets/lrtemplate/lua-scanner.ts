/** Cuts the text of a Lua table into words. Knows the words of tables and nothing else of the language. */
import { refuse } from '../camera-raw/refuse.ts';

export type LuaToken = { line: number } & (
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'name'; value: string }
  | { kind: 'sign'; value: string }
  | { kind: 'end' }
);

// Lua 5.1 Reference Manual, section 2.1. Sticky: each is tried where the last word ended.
const blank = /[\s\uFEFF]+/y;
const longBracket = /\[(=*)\[/y;
const number = /[+-]?(?:0[xX][0-9a-fA-F]{1,13}|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(?![\w.])/y;
const name = /[A-Za-z_]\w*/y;
const sign = /[{}[\]=,;]/y;
const shortText = /"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'/y;

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '\n',
};

export class LuaScanner {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Throws BridgeError `preset_invalid` at what is no word of a table. */
  next(): LuaToken {
    this.#skip();
    const line = this.#line;
    if (this.#at >= this.#text.length) return { kind: 'end', line };
    const long = this.#longText();
    if (long !== null) return { kind: 'text', value: long, line };
    const short = this.#match(shortText);
    if (short !== null) return { kind: 'text', value: resolveEscapes(short[1] ?? short[2] ?? ''), line };
    const digits = this.#match(number);
    if (digits !== null) return { kind: 'number', value: Number(digits[0]), line };
    const word = this.#match(name);
    if (word !== null) return { kind: 'name', value: word[0], line };
    const mark = this.#match(sign);
    if (mark !== null) return { kind: 'sign', value: mark[0], line };
    throw refuse(
      `line ${line}: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 12))} is not expected`,
    );
  }

  /** White space and comments. */
  #skip(): void {
    for (;;) {
      if (this.#match(blank) !== null) continue;
      if (!this.#text.startsWith('--', this.#at)) return;
      this.#at += 2;
      if (this.#longText() !== null) continue;
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end < 0 ? this.#text.length : end;
    }
  }

  /** `[[text]]`, `[==[text]==]`; a line break right after the opening does not count. */
  #longText(): string | null {
    longBracket.lastIndex = this.#at;
    const open = longBracket.exec(this.#text);
    if (open === null) return null;
    const from = this.#at + open[0].length;
    const close = `]${open[1] ?? ''}]`;
    const to = this.#text.indexOf(close, from);
    if (to < 0) throw refuse(`line ${this.#line}: a text has no end`);
    const value = this.#text.slice(from, to).replace(/^\r?\n/, '');
    this.#move(to + close.length);
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#move(this.#at + found[0].length);
    return found;
  }

  #move(to: number): void {
    for (
      let at = this.#text.indexOf('\n', this.#at);
      at >= 0 && at < to;
      at = this.#text.indexOf('\n', at + 1)
    ) {
      this.#line += 1;
    }
    this.#at = to;
  }
}

function resolveEscapes(text: string): string {
  return text.replace(/\\(\d{1,3}|[\s\S])/g, (_match, escaped: string) => {
    if (/^\d/.test(escaped)) return String.fromCharCode(Number(escaped));
    return escapes[escaped] ?? escaped;
  });
}
