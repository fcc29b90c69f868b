/** Turns the zod schemas of the table into JSON Schema (draft 2020-12) components that refer to each other by name. */
import { z } from 'zod';
import { batchComponents } from './components/batches.ts';
import { libraryComponents } from './components/library.ts';
import type { Described, Operation } from './operation.ts';

export type JsonSchema = { [key: string]: unknown; properties?: Record<string, JsonSchema> };
export type Schemas = {
  components: Record<string, JsonSchema>;
  /** A reference to the component of that schema. Only for schemas of the table. */
  refer(schema: z.ZodType): JsonSchema;
  /** The properties of a query schema, and which of them must be there. */
  fieldsOf(described: Described): { name: string; required: boolean; schema: JsonSchema }[];
};

type Named = Described & { name: string };

const PREFIX = '#/components/schemas/';
const QUERY = ' query ';

const named: Readonly<Record<string, Described>> = { ...batchComponents, ...libraryComponents };

/** Bodies and answers that have no name of their own are called after their operation: `PauseBatchBody`, `PauseBatchAnswer`. */
export function toSchemas(operations: readonly Operation[]): Schemas {
  const all = new Map<z.ZodType, Named>();
  const add = (name: string, described: Described) => {
    if (!all.has(described.schema)) all.set(described.schema, { name, ...described });
  };
  for (const [name, described] of Object.entries(named)) add(name, described);
  for (const { id, body, answers, query } of operations) {
    const capital = id.charAt(0).toUpperCase() + id.slice(1);
    if (body) add(`${capital}Body`, { schema: body.schema });
    for (const { schema } of answers) if (schema) add(`${capital}Answer`, { schema, io: 'output' });
    if (query) add(QUERY + id, query);
  }
  const made = { input: convert([...all.values()], 'input'), output: convert([...all.values()], 'output') };
  const toSchema = ({ name, io = 'input', ...words }: Named): JsonSchema => {
    const { $schema: _dialect, $id: _id, ...schema } = made[io][name] ?? {};
    return withWords(clean(schema, io) as JsonSchema, name, words);
  };
  const entries = [...all.values()].filter(({ name }) => !name.startsWith(QUERY));
  return {
    components: Object.fromEntries(
      entries.map((one) => [one.name, toSchema(one)] as const).sort(([a], [b]) => a.localeCompare(b)),
    ),
    refer(schema) {
      const name = all.get(schema)?.name;
      if (name === undefined) throw new Error('a schema that is not in the table was referred to');
      return { $ref: PREFIX + name };
    },
    fieldsOf({ schema }) {
      const one = all.get(schema);
      if (one === undefined) throw new Error('a query that is not in the table was asked for');
      const { properties = {}, required } = toSchema(one);
      const needed = Array.isArray(required) ? required : [];
      return Object.entries(properties).map(([name, field]) => ({
        name,
        required: needed.includes(name),
        schema: field,
      }));
    },
  };
}

function convert(all: readonly Named[], io: 'input' | 'output') {
  const registry = z.registry<{ id: string }>();
  for (const { name, schema } of all) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    uri: (id) => PREFIX + id,
  });
  return schemas as unknown as Record<string, JsonSchema>;
}

/**
 * Without what zod adds for its own exactness and nobody wants to read: the bounds of safe integers, the long form of dates.
 * Answers stay open: fields may be added to them.
 */
function clean(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((member) => clean(member, io));
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Record<string, unknown>;
  const kept = Object.entries(schema).filter(([key, member]) => {
    if (key === 'maximum' && member === Number.MAX_SAFE_INTEGER) return false;
    if (key === 'minimum' && member === Number.MIN_SAFE_INTEGER) return false;
    if (key === 'pattern' && schema.format === 'date-time') return false;
    if (key === 'additionalProperties' && member === false && io === 'output') return false;
    return !(key === 'propertyNames' && JSON.stringify(member) === '{"type":"string"}');
  });
  return Object.fromEntries(kept.map(([key, member]) => [key, clean(member, io)]));
}

function withWords(
  schema: JsonSchema,
  name: string,
  { about, fields = {}, forms = {} }: Described,
): JsonSchema {
  const properties = { ...schema.properties };
  const find = (field: string): JsonSchema => {
    const found = properties[field];
    if (found === undefined) throw new Error(`${name} has no field ${field} to describe`);
    return found;
  };
  for (const [field, components] of Object.entries(forms))
    properties[field] = withForms(find(field), components);
  for (const [field, words] of Object.entries(fields))
    properties[field] = { description: words, ...find(field) };
  return {
    ...(about === undefined ? {} : { description: about }),
    ...schema,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

/** What the schema itself allows stays allowed: the components come first, for those who generate types from it. */
function withForms(schema: JsonSchema, components: readonly string[]): JsonSchema {
  const own = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
  return { anyOf: [...components.map((component) => ({ $ref: PREFIX + component })), ...own] };
}
