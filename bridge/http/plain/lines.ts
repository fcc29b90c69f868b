/**
 * JSON values as lines of text for readers without a JSON parser: `key=value` lines for an object, tab-separated lines for a
 * list. Pure; which answer is a list is told by the caller.
 */

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Also what would end a key, or look like one key inside another. */
const keyEscapes: Readonly<Record<string, string>> = { ...escapes, '=': '\\e', '.': '\\.' };

/** One line, one cell: `\\`, `\n`, `\r` and `\t` stand for backslash, line feed, carriage return and tab. */
export function escapeText(text: string): string {
  return text.replace(/[\\\n\r\t]/g, (found) => escapes[found] ?? found);
}

function escapeKey(key: string): string {
  return key.replace(/[\\\n\r\t=.]/g, (found) => keyEscapes[found] ?? found);
}

/** Key and value, both escaped. */
type Pair = readonly [key: string, value: string];

/**
 * Every value of an object under its path: `holds.1.owner`. Lists count from 1 and have their length under `.count`; null and
 * an empty object are an empty value. A value that is no object has the key `value`.
 */
export function* toPairs(value: unknown): Generator<Pair, void, void> {
  if (typeof value === 'object' && value !== null) yield* flatten(value, '');
  else yield ['value', toText(value)];
}

function* flatten(value: object, prefix: string): Generator<Pair, void, void> {
  if (Array.isArray(value)) yield [`${prefix}count`, String(value.length)];
  for (const [key, member] of Object.entries(value)) {
    const name = Array.isArray(value) ? String(Number(key) + 1) : escapeKey(key);
    yield* flattenMember(prefix + name, member);
  }
}

function* flattenMember(key: string, value: unknown): Generator<Pair, void, void> {
  if (typeof value !== 'object' || value === null) yield [key, toText(value)];
  else if (!Array.isArray(value) && Object.keys(value).length === 0) yield [key, ''];
  else yield* flatten(value, `${key}.`);
}

function toText(value: unknown): string {
  return value === null || value === undefined ? '' : escapeText(String(value));
}

/** `key=value` lines. */
export function toKeyLines(value: unknown): string {
  return Array.from(toPairs(value), ([key, text]) => `${key}=${text}\n`).join('');
}

/**
 * A header line and one line an element, cells separated by tabs. Always these `columns`, then those that only the elements
 * have. A list in an element is one cell when it is of plain values (escaped, one a line, then escaped as a cell), else
 * its length under `.count`.
 */
export function toTable(elements: readonly unknown[], columns: readonly string[]): string {
  const all = new Set(columns);
  const rows = elements.map((element) => new Map(toCells(element)));
  // What is not there makes no column.
  for (const row of rows) for (const [key, text] of row) if (text !== '') all.add(key);
  const lines = rows.map((row) => [...all].map((key) => row.get(key) ?? '').join('\t'));
  return [[...all].join('\t'), ...lines].map((line) => `${line}\n`).join('');
}

function toCells(element: unknown): Pair[] {
  if (typeof element !== 'object' || element === null) return [['value', toText(element)]];
  return Object.entries(element).flatMap(([key, member]) => toCellsOf(escapeKey(key), member));
}

function toCellsOf(key: string, value: unknown): Pair[] {
  if (typeof value !== 'object' || value === null) return [[key, toText(value)]];
  if (!Array.isArray(value))
    return Object.entries(value).flatMap(([name, member]) => toCellsOf(`${key}.${escapeKey(name)}`, member));
  if (value.some((member) => typeof member === 'object' && member !== null))
    return [[`${key}.count`, String(value.length)]];
  return [[key, escapeText(value.map(toText).join('\n'))]];
}
