/** Values that a zod schema takes, as fast-check arbitraries, by way of its JSON schema; and the texts that nobody should send. */
import fc from 'fast-check';
import { z } from 'zod';

type Schema = Record<string, unknown>;
/** By the name of a field: values that mean something to the daemon under test. */
export type Known = Readonly<Record<string, fc.Arbitrary<unknown>>>;

export function toArbitrary(schema: z.ZodType, known: Known): fc.Arbitrary<unknown> {
  return ofSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema, known);
}

function ofSchema(schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const options = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (options !== undefined) return fc.oneof(...options.map((option) => ofSchema(option, known)));
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return ofString(schema);
    case 'integer':
    case 'number':
      return ofNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return ofArray(schema, known);
    case 'object':
      return ofObject(schema, known);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function ofString({ minLength = 0, maxLength = 40, pattern, format }: Schema): fc.Arbitrary<unknown> {
  if (format === 'date-time') return fc.constantFrom('2001-02-03T04:05:06Z', '2099-01-01T00:00:00+02:00');
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.string({
    unit: 'grapheme',
    minLength: Number(minLength),
    maxLength: Math.max(Number(minLength), Math.min(Number(maxLength), 40)),
  });
}

function ofNumber({ type, minimum, maximum, exclusiveMinimum }: Schema): fc.Arbitrary<unknown> {
  const min = Math.max(Number(minimum ?? exclusiveMinimum ?? -1000), -1e9);
  const max = Math.min(Number(maximum ?? 1000), 1e9);
  const whole = fc.integer({ min: Math.ceil(min), max: Math.floor(Math.max(max, min)) });
  return type === 'integer'
    ? whole
    : fc.oneof(whole, fc.double({ min, max: Math.max(max, min), noNaN: true }));
}

function ofArray({ items, prefixItems, minItems = 0 }: Schema, known: Known): fc.Arbitrary<unknown> {
  if (Array.isArray(prefixItems)) return fc.tuple(...prefixItems.map((item) => ofSchema(item, known)));
  const minLength = Number(minItems);
  return fc.array(ofSchema((items ?? {}) as Schema, known), { minLength, maxLength: minLength + 3 });
}

function ofObject(
  { properties = {}, required = [], additionalProperties }: Schema,
  known: Known,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, field]) => [name, known[name] ?? ofSchema(field, known)] as const,
  );
  if (fields.length === 0 && typeof additionalProperties === 'object') {
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  }
  return fc.record(Object.fromEntries(fields), { requiredKeys: required as string[] });
}

/** Raw JSON, so that what no value of JavaScript can say can be said. */
export const wildJson: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['null', 'true', '-1', '0', '1.5', '1e999', '-1e999', 'NaN', 'Infinity', '9007199254740993', '1e400'],
    ...['""', '"x"', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"../../etc/passwd"', '"__proto__"'],
    ...['[]', '{}', '[[]]', '[null]', '{"__proto__":{"polluted":1}}', '{"toString":1}', '{"then":{}}'],
    '{"constructor":{"prototype":{"polluted":1}}}',
    `"${'x'.repeat(100_000)}"`,
    `${'['.repeat(200)}${']'.repeat(200)}`,
    `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`,
    `[${'1,'.repeat(20_000)}1]`,
  ),
  fc.json({ maxDepth: 3 }),
);

export const wildKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'then', 'length', '', 'x', '0'];

type Path = readonly string[];
type Change =
  | { kind: 'replace' | 'add' | 'double'; at: number; key: string; json: string }
  | { kind: 'drop'; at: number }
  | { kind: 'cut' | 'spoil'; at: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('replace' as const, 'add' as const, 'double' as const),
    at: fc.nat(50),
    key: fc.constantFrom(...wildKeys),
    json: wildJson,
  }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat(50) }),
  fc.record({ kind: fc.constantFrom('cut' as const, 'spoil' as const), at: fc.nat(400) }),
);

/** The text of a value, untouched in every third case. */
export function toText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const changes = fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 2 }));
  return fc.oneof(
    { weight: 12, arbitrary: fc.tuple(value, changes).map(([whole, list]) => applyAll(whole, list)) },
    { weight: 1, arbitrary: wildJson },
    { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
  );
}

function applyAll(value: unknown, changes: readonly Change[]): string {
  let text = toJson(value, [], changes.filter(isInside), pathsOf(value));
  for (const one of changes) {
    if (one.kind === 'cut') text = text.slice(0, one.at % (text.length + 1));
    if (one.kind === 'spoil') {
      const at = one.at % (text.length + 1);
      text = `${text.slice(0, at)}\u0007${text.slice(at + 1)}`;
    }
  }
  return text;
}

type Inside = Extract<Change, { kind: 'replace' | 'add' | 'double' | 'drop' }>;

function isInside(one: Change): one is Inside {
  return one.kind !== 'cut' && one.kind !== 'spoil';
}

/** As JSON.stringify, with the changes at their places. */
function toJson(value: unknown, path: Path, changes: readonly Inside[], paths: readonly string[]): string {
  const here = changes.find(({ at }) => paths[at % paths.length] === path.join('\u0001'));
  if (here?.kind === 'replace') return here.json;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = (key: string, member: unknown) => toJson(member, [...path, key], changes, paths);
  if (Array.isArray(value)) {
    const parts = value.map((element, index) => inner(String(index), element));
    if (here?.kind === 'add' || here?.kind === 'double') parts.push(here.json);
    return `[${(here?.kind === 'drop' ? parts.slice(1) : parts).join(',')}]`;
  }
  const parts = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${inner(key, member)}`);
  if (here?.kind === 'add') parts.push(`${JSON.stringify(here.key)}:${here.json}`);
  const [first] = Object.keys(value);
  if (here?.kind === 'double' && first !== undefined) parts.push(`${JSON.stringify(first)}:${here.json}`);
  return `{${(here?.kind === 'drop' ? parts.slice(1) : parts).join(',')}}`;
}

function pathsOf(value: unknown, path: Path = []): string[] {
  const own = [path.join('\u0001')];
  if (typeof value !== 'object' || value === null) return own;
  return own.concat(Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key])));
}
