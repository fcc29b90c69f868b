/** Which answers are lists in plain text, and their columns: taken from the schemas of the description, so they never depend on the data. */
import { z } from 'zod';
import { apiOperations } from '../api-description/groups.ts';
import type { Operation } from '../api-description/operation.ts';

/** operationId → the member that is the list. All other answers are `key=value` lines. */
export const listMembers: Readonly<Record<string, string>> = {
  listBatches: 'batches',
  listBatchPhotos: 'photos',
  getBatchLog: 'lines',
  planBatch: 'items',
  addPhotos: 'photos',
  listPhotos: 'photos',
  listPresets: 'presets',
  listTemplates: 'templates',
  listContentOperations: 'operations',
  pollEvents: 'events',
};

export type Table = { member: string; columns: readonly string[] };

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
};

/** `GET /batch/:batch_id/photos`, the way routes are registered, → its table. */
let tables: ReadonlyMap<string, Table> | null = null;

/** Null: the answer of that route is one object. */
export function findTable(method: string, route: string | null): Table | null {
  tables ??= new Map(apiOperations.flatMap(toEntry));
  return tables.get(`${method === 'HEAD' ? 'GET' : method} ${route}`) ?? null;
}

function toEntry(operation: Operation): [string, Table][] {
  const member = listMembers[operation.id];
  if (member === undefined) return [];
  const schema = operation.answers.find((answer) => answer.schema !== undefined)?.schema;
  if (schema === undefined) throw new Error(`${operation.id} has no schema of its answer`);
  const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Schema;
  const element = json.properties?.[member]?.items;
  if (element === undefined) throw new Error(`${operation.id} answers no list ${member}`);
  const route = operation.path.replace(/\{(\w+)\}/g, ':$1');
  return [[`${operation.method} ${route}`, { member, columns: [...new Set(toColumns(element, ''))] }]];
}

/** Of a record nothing is known before the data. */
function toColumns(schema: Schema, key: string): string[] {
  const options = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (options.length > 0) return options.flatMap((option) => toColumns(option, key));
  if (schema.type === 'null') return [];
  if (schema.type === 'array') return [isOfObjects(schema.items) ? `${key}.count` : key];
  if (schema.type !== 'object') return [key];
  const members = Object.entries(schema.properties ?? {});
  return members.flatMap(([name, member]) => toColumns(member, key === '' ? name : `${key}.${name}`));
}

function isOfObjects(schema: Schema | undefined): boolean {
  return schema?.properties !== undefined || (schema?.anyOf ?? schema?.oneOf ?? []).some(isOfObjects);
}
