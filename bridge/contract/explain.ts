/**
 * Turns what a schema refused into sentences for people: the field, what it must be, what was given.
 * Used by HTTP bodies, WebSocket frames and the settings file alike. It decides nothing.
 */
import type { z } from 'zod';
import { toKnownKeys } from './known-keys.ts';
import { toNearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;
/** `field`: like `config.output.quality` or `photo_ids[2]`; empty for the value itself. */
export type Explained = { field: string; message: string };

const MAX_SHOWN = 80;
/** Of one object's unknown keys; more are counted. Each costs a search for the nearest known one. */
const MAX_KEYS = 20;

/** One sentence for each issue, in order. `value` is what was parsed; `whole` names it when it is no object. */
export function explainIssues(
  issues: readonly Issue[],
  { schema, value, whole }: { schema: z.ZodType; value: unknown; whole: string },
): Explained[] {
  return issues.flatMap((issue) => explainIssue(issue, { schema, value, whole }));
}

type Context = { schema: z.ZodType; value: unknown; whole: string };

function explainIssue(issue: Issue, context: Context): Explained[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const [closest] = [...issue.errors].sort(
      (a, b) => strangeness(a) - strangeness(b) || a.length - b.length,
    );
    return (closest ?? [])
      .slice(0, MAX_KEYS)
      .flatMap((inner) => explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, context));
  }
  const field = toField(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = toKnownKeys(context.schema, issue.path);
    const named = issue.keys.slice(0, MAX_KEYS).map((key) => ({
      field: toField([...issue.path, key]),
      message: explainKey(key, field, known),
    }));
    const more = issue.keys.length - named.length;
    return more === 0 ? named : [...named, { field, message: `and ${more} more unknown keys` }];
  }
  const given = toGiven(context.value, issue.path);
  const name = field === '' ? context.whole : field;
  if (given === undefined) return [{ field, message: `${name} is required` }];
  return [{ field, message: `${name} must be ${toDemand(issue)}; got ${toShown(given)}` }];
}

/**
 * How little a value looks like what one branch of a union is for: a wrong element of a list it has says less than a key it has
 * never heard of, or lacks.
 */
function strangeness(issues: readonly Issue[]): number {
  const isOfShape = ({ code, path }: Issue) => code === 'unrecognized_keys' || path.length <= 1;
  let found = 0;
  for (const issue of issues.slice(0, MAX_KEYS)) found += isOfShape(issue) ? 1 : 0;
  return found;
}

function explainKey(key: string, parent: string, known: readonly string[]): string {
  const nearest = toNearest(key, known);
  const place = parent === '' ? '' : ` in ${parent}`;
  if (nearest !== null) return `unknown key "${toShort(key)}"${place}; did you mean "${nearest}"?`;
  const list = known.length === 0 ? '' : `; known keys: ${known.join(', ')}`;
  return `unknown key "${toShort(key)}"${place}${list}`;
}

function toDemand(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? `of type ${issue.expected}`;
    case 'too_small':
      return toBound(issue.origin, 'at least', issue.minimum, issue.inclusive === false);
    case 'too_big':
      return toBound(issue.origin, 'at most', issue.maximum, issue.inclusive === false);
    case 'invalid_value':
      return toOneOf(issue.values);
    case 'invalid_format':
      return (
        formatNames[issue.format] ??
        (issue.pattern ? `text like ${issue.pattern}` : `a valid ${issue.format}`)
      );
    case 'invalid_union':
      return 'options' in issue ? toOneOf(issue.options) : 'valid';
    default:
      return `valid (${issue.message})`;
  }
}

function toOneOf(values: unknown): string {
  return Array.isArray(values)
    ? `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
    : 'valid';
}

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
  record: 'a JSON object',
  null: 'null',
};
const formatNames: Readonly<Record<string, string>> = {
  datetime: 'an ISO-8601 time with zone, like "2026-01-31T18:00:00Z"',
  url: 'an http or https address',
  safeint: 'a whole number',
};

function toBound(origin: string, word: string, bound: number | bigint, open: boolean): string {
  const unit = origin === 'array' ? ' elements' : origin === 'string' ? ' characters' : '';
  if (origin === 'array' && word === 'at least' && Number(bound) === 1) return 'a non-empty list';
  if (origin === 'string' && word === 'at least' && Number(bound) === 1) return 'non-empty text';
  const what = unit === '' ? '' : origin === 'array' ? 'a list of ' : 'text of ';
  if (open) return `${word === 'at least' ? 'above' : 'below'} ${bound}`;
  return `${what}${word} ${bound}${unit}`;
}

function toField(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, key) => {
    if (typeof key === 'number') return `${field}[${key}]`;
    return field === '' ? toShort(String(key)) : `${field}.${toShort(String(key))}`;
  }, '');
}

function toGiven(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((current, key) => {
    if (typeof current !== 'object' || current === null) return undefined;
    return Object.hasOwn(current, key) ? (current as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);
}

/** Only the head of a large value is ever turned into text. */
function toShown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string') return JSON.stringify(toShort(value));
  return String(value);
}

function toShort(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
