/**
 * Reads JSON with comments and trailing commas into nodes that know where they stand in the text, so that an edit can
 * leave everything else as it is. Knows no settings.
 */

export type JsonNode = { start: number; end: number } & (
  | { kind: 'object'; members: JsonMember[] }
  | { kind: 'array'; elements: JsonNode[] }
  | { kind: 'plain'; value: string | number | boolean | null }
);
/** `comma`: place of the comma behind it, or -1. */
export type JsonMember = { key: string; start: number; comma: number; value: JsonNode };

const MAX_DEPTH = 64;
const TOKEN = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;
const SPACE = /(?:[ \t\r\n\uFEFF]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** Throws Error that names line and column. */
export function parseJsonText(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.readValue(0);
  reader.end();
  return node;
}

/** As JSON.parse would have it; of a doubled key the last counts. */
export function toJsonValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'plain':
      return node.value;
    case 'array':
      return node.elements.map(toJsonValue);
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, toJsonValue(value)]));
  }
}

/** First place behind white space and comments. */
export function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  return from + (SPACE.exec(text)?.[0].length ?? 0);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw this.#problem(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#skip();
    const next = this.#text[this.#at];
    if (next === '{') return this.#readObject(depth);
    if (next === '[') return this.#readArray(depth);
    const start = this.#at;
    const value = this.#readPlain();
    return { kind: 'plain', start, end: this.#at, value };
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#problem('has something behind its end');
  }

  #readObject(depth: number): JsonNode {
    const start = this.#at++;
    const members: JsonMember[] = [];
    while (!this.#take('}')) {
      if (members.length > 0 && members.at(-1)?.comma === -1) throw this.#problem('lacks a comma or "}"');
      const memberStart = this.#at;
      const key = this.#text[this.#at] === '"' ? this.#readPlain() : null;
      if (typeof key !== 'string') throw this.#problem('lacks a key in double quotes');
      if (!this.#take(':')) throw this.#problem('lacks a colon');
      const value = this.readValue(depth + 1);
      const comma = this.#take(',') ? this.#at - 1 : -1;
      members.push({ key, start: memberStart, comma, value });
    }
    return { kind: 'object', start, end: this.#at, members };
  }

  #readArray(depth: number): JsonNode {
    const start = this.#at++;
    const elements: JsonNode[] = [];
    let isOpen = true;
    while (!this.#take(']')) {
      if (!isOpen) throw this.#problem('lacks a comma or "]"');
      elements.push(this.readValue(depth + 1));
      isOpen = this.#take(',');
    }
    return { kind: 'array', start, end: this.#at, elements };
  }

  #readPlain(): string | number | boolean | null {
    TOKEN.lastIndex = this.#at;
    const token = TOKEN.exec(this.#text)?.[0];
    if (token === undefined)
      throw this.#problem(this.#at === this.#text.length ? 'ends too soon' : 'has no value here');
    try {
      const value = JSON.parse(token) as string | number | boolean | null;
      this.#at += token.length;
      return value;
    } catch {
      throw this.#problem('has no valid value here');
    }
  }

  /** True when the character is next; then it is behind us. White space and comments never matter. */
  #take(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#at = skipSpace(this.#text, this.#at);
  }

  #problem(what: string): Error {
    const before = this.#text.slice(0, this.#at).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return new Error(`is not valid JSON: it ${what} (line ${before.length}, column ${column})`);
  }
}
