/** Schemas as HTML: a type in a line, and the fields of an object as a table. */
import { html } from 'hono/html';
import type { JsonSchema } from '../api-description/to-schemas.ts';
import { type Html, nothing, toCode, toInline, toScroller } from './words.ts';

const MAX_DEPTH = 4;

export function toRefName(schema: JsonSchema): string | null {
  return typeof schema.$ref === 'string' ? (schema.$ref.split('/').at(-1) ?? null) : null;
}

export function toTypeLine(schema: JsonSchema): Html {
  const { default: byDefault } = schema;
  const value = byDefault === undefined || isSchema(byDefault) ? '' : html`; default ${toValue(byDefault)}`;
  return html`${toForm(schema)}${value}`;
}

function toForm(schema: JsonSchema): Html {
  const name = toRefName(schema);
  if (name !== null) return html`<a href="#schema-${name}">${name}</a>`;
  const options = schemasAt(schema, 'anyOf') ?? schemasAt(schema, 'oneOf');
  if (options !== null) return join(options.map(toTypeLine));
  if (Array.isArray(schema.enum)) return join(schema.enum.map(toValue));
  if (schema.const !== undefined) return toValue(schema.const);
  if (schema.type === 'array') {
    const items = isSchema(schema.items) ? schema.items : {};
    return html`list of ${toTypeLine(items)}${toBounds(schema)}`;
  }
  if (schema.type === undefined) return html`anything`;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return html`${types.join(' or ')}${toBounds(schema)}`;
}

function join(parts: readonly Html[]): Html {
  return html`${parts.map((part, index) => html`${index === 0 ? '' : ' | '}${part}`)}`;
}

function toValue(value: unknown): Html {
  return html`<code>${JSON.stringify(value)}</code>`;
}

/** The bounds, in few words. */
function toBounds(schema: JsonSchema): Html {
  const { format, pattern } = schema;
  const words = [
    typeof format === 'string' ? format : '',
    toRange(schema.minimum ?? schema.exclusiveMinimum, schema.maximum, ''),
    toRange(schema.minLength, schema.maxLength, 'characters'),
    toRange(schema.minItems, schema.maxItems, 'items'),
  ].filter((text) => text !== '');
  return html`${words.map((text) => `, ${text}`)}${
    typeof pattern === 'string' ? html`, like <code>${pattern}</code>` : ''
  }`;
}

function toRange(from: unknown, to: unknown, unit: string): string {
  if (typeof from !== 'number' && typeof to !== 'number') return '';
  const end = unit === '' ? '' : ` ${unit}`;
  if (typeof from !== 'number') return `up to ${String(to)}${end}`;
  return typeof to === 'number' ? `${from} to ${to}${end}` : `from ${from}${end}`;
}

type Row = { name: string; required: boolean; schema: JsonSchema };

/** Fields of objects inside stand below it with their path: `output.folder`, `photos[].path`. */
function toRows(schema: JsonSchema, before = '', depth = 0): Row[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = before + key;
    const row = { name, required: required.includes(key), schema: field };
    const inner = depth < MAX_DEPTH ? toInner(field) : null;
    return inner === null
      ? [row]
      : [row, ...toRows(inner.schema, `${name}${inner.isList ? '[]' : ''}.`, depth + 1)];
  });
}

function toInner(schema: JsonSchema): { schema: JsonSchema; isList: boolean } | null {
  if (schema.properties !== undefined) return { schema, isList: false };
  if (isSchema(schema.items) && schema.items.properties !== undefined)
    return { schema: schema.items, isList: true };
  const [only, ...more] = (schemasAt(schema, 'anyOf') ?? []).filter((option) => option.properties);
  return only === undefined || more.length > 0 ? null : { schema: only, isList: false };
}

export function toFieldTable(label: string, schema: JsonSchema): Html {
  const rows = toRows(schema);
  if (rows.length === 0) return nothing;
  return toScroller(
    label,
    html`<table>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows.map(
      (
        row,
      ) => html`<tr><th scope="row"><code>${row.name}</code>${row.required ? html` <span class="must" title="always there">*</span>` : ''}</th>
<td>${toTypeLine(row.schema)}</td>
<td>${typeof row.schema.description === 'string' ? toInline(row.schema.description) : ''}</td></tr>`,
    )}</tbody></table>`,
  );
}

/** Unions of objects: each with the value that tells it apart. */
export function toVariants(name: string, schema: JsonSchema): Html {
  const options = schemasAt(schema, 'oneOf') ?? schemasAt(schema, 'anyOf');
  if (options === null) return toFieldTable(`Fields of ${name}`, schema);
  return html`${options.map((option, index) => {
    const type = option.properties?.type?.const;
    const title = typeof type === 'string' ? type : `Form ${index + 1}`;
    return html`<details><summary><code>${title}</code></summary>${toFieldTable(`Fields of ${name}, ${title}`, option)}</details>`;
  })}`;
}

export function toExample(label: string, value: unknown): Html {
  return toCode(label, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
}

function schemasAt(schema: JsonSchema, key: 'anyOf' | 'oneOf'): JsonSchema[] | null {
  const found = schema[key];
  return Array.isArray(found) ? found.filter(isSchema) : null;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
