/** Reads `name = { … }`, a Lua table of constants, as Lightroom writes its templates. Never runs anything. */
import { refuse } from '../camera-raw/refuse.ts';
import type { CrsSettings, CrsValue } from '../camera-raw/settings.ts';
import { LuaScanner, type LuaToken } from './lua-scanner.ts';

const MAX_DEPTH = 32;
const MAX_VALUES = 100_000;

/** The table given to the one variable. Throws BridgeError `preset_invalid` with one sentence that names the line. */
export function parseLuaTable(text: string): CrsSettings {
  const reader = new TableReader(text);
  const table = reader.readAssignment();
  if (!(table instanceof Map)) throw refuse('not a Lightroom template: its table has no names');
  return table;
}

class TableReader {
  readonly #scanner: LuaScanner;
  #token: LuaToken;
  #values = 0;

  constructor(text: string) {
    this.#scanner = new LuaScanner(text);
    this.#token = this.#scanner.next();
  }

  readAssignment(): CrsValue {
    if (this.#token.kind !== 'name')
      throw refuse(`line ${this.#token.line}: not a Lightroom template; it starts with "s = {"`);
    this.#advance();
    this.#expect('=');
    if (!this.#is('{')) throw this.#unexpected('"{"');
    const table = this.#readTable(1);
    if (this.#is(';')) this.#advance();
    if (!this.#isEnd()) throw this.#unexpected('the end of the file');
    return table;
  }

  /** With names a structure, without a list; numbered entries are taken in the order they stand. */
  #readTable(depth: number): CrsValue {
    if (depth > MAX_DEPTH) throw refuse(`line ${this.#token.line}: nested deeper than ${MAX_DEPTH} levels`);
    this.#expect('{');
    const named = new Map<string, CrsValue>();
    const listed: CrsValue[] = [];
    while (!this.#is('}')) {
      const key = this.#readKey();
      const value = this.#readValue(depth);
      this.#values += 1;
      if (this.#values > MAX_VALUES) throw refuse(`more than ${MAX_VALUES} values`);
      if (value !== null && key === null) listed.push(value);
      else if (value !== null && key !== null) named.set(key, value);
      if (this.#is(',') || this.#is(';')) this.#advance();
      else if (!this.#is('}')) throw this.#unexpected('"," or "}"');
    }
    this.#advance();
    if (named.size === 0) return listed;
    for (const [index, value] of listed.entries()) named.set(String(index + 1), value);
    return named;
  }

  /** `name =`, `["name"] =`, or null for an entry of a list, `[1] =` included. */
  #readKey(): string | null {
    if (this.#is('[')) {
      this.#advance();
      const key = this.#token;
      if (key.kind !== 'text' && key.kind !== 'number') throw this.#unexpected('a text or number as key');
      this.#advance();
      this.#expect(']');
      this.#expect('=');
      return key.kind === 'number' ? null : key.value;
    }
    if (this.#token.kind !== 'name' || /^(true|false|nil)$/.test(this.#token.value)) return null;
    const { value } = this.#token;
    this.#advance();
    this.#expect('=');
    return value;
  }

  /** Null for `nil`. */
  #readValue(depth: number): CrsValue | null {
    const token = this.#token;
    if (this.#is('{')) return this.#readTable(depth + 1);
    if (token.kind === 'text') {
      this.#advance();
      return token.value;
    }
    if (token.kind === 'number') {
      this.#advance();
      return String(token.value);
    }
    if (token.kind === 'name' && /^(true|false|nil)$/.test(token.value)) {
      this.#advance();
      return token.value === 'nil' ? null : token.value;
    }
    throw this.#unexpected('a value');
  }

  #isEnd(): boolean {
    return this.#token.kind === 'end';
  }

  #is(sign: string): boolean {
    return this.#token.kind === 'sign' && this.#token.value === sign;
  }

  #expect(sign: string): void {
    if (!this.#is(sign)) throw this.#unexpected(`"${sign}"`);
    this.#advance();
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #unexpected(wanted: string) {
    const token = this.#token;
    const found =
      token.kind === 'end' ? 'the file ends' : `found ${JSON.stringify(token.value).slice(0, 40)}`;
    return refuse(`line ${token.line}: ${wanted} is expected; ${found}`);
  }
}
