/** Writes the table down as an OpenAPI 3.1 document. Pure: the same table and version give the same document. */
import type { Group, Operation } from './operation.ts';
import { toGeneralAnswers } from './to-answers.ts';
import { toOperation } from './to-operation.ts';
import { type JsonSchema, toSchemas } from './to-schemas.ts';

export type ApiDocument = {
  openapi: string;
  info: { title: string; version: string; description: string; [more: string]: unknown };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, ApiOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, ApiResponse>;
    examples: Record<string, ApiExample>;
    securitySchemes: Record<string, unknown>;
  };
  [more: string]: unknown;
};
export type ApiExample = { summary?: string; value: unknown };
export type ApiContent = {
  schema?: JsonSchema;
  example?: unknown;
  examples?: Record<string, ApiExample | { $ref: string }>;
};
export type ApiResponse = {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Record<string, ApiContent>;
};
export type ApiParameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
  example?: unknown;
};
export type ApiOperation = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: ApiParameter[];
  requestBody?: { required: boolean; content: Record<string, ApiContent> };
  responses: Record<string, ApiResponse | { $ref: string }>;
};

const about = `Photo Bridge runs large photo batches for desktop editors on this machine: pause, resume, cancel, watch live, survive any crash.

- JSON in and out, keys in snake_case, times in ISO 8601 with \`Z\`. Fields may be added to answers; unknown fields in a body are refused by name.
- A body is sent with \`Content-Type: application/json\`. \`HEAD\` works wherever \`GET\` does.
- With \`format=plain\` in the query, or \`Accept: text/plain\`, every JSON answer comes as text that needs no parser. One object is a line \`key=value\` a value, keys joined by dots, lists counted from 1 with their length under \`.count\`. A list is a header line and a line an element, cells separated by tabs; behind an empty line stands the rest as \`key=value\`. In values \`\\n\`, \`\\r\`, \`\\t\` and \`\\\\\` are line feed, carriage return, tab and backslash. Refusals begin with \`error=\`, \`code=\`, \`status=\`. Bodies stay JSON.
- Every refusal is a \`Problem\` (RFC 9457): branch on \`code\`, show \`error\`.
- No token is needed on this machine. Pages of other origins and other machines are refused unless the settings name them; then they show the token of \`security.token_file\`.
- A path that does not exist answers 404 \`not_found\`; a method that is not possible 405 \`method_not_allowed\` with \`Allow\`.`;

/** Version 3.1.1: what the linters and generators of today know best. */
export function toApiDocument(groups: readonly Group[], version: string): ApiDocument {
  const operations = groups.flatMap((group) => group.operations);
  const schemas = toSchemas(operations);
  const { responses, examples } = toGeneralAnswers();
  return {
    openapi: '3.1.1',
    info: {
      title: 'Photo Bridge',
      version,
      summary: 'Photo batches on this machine.',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The daemon that gave out this document.' }],
    security: [{}, { token: [] }],
    tags: groups.map(({ name, about: description }) => ({ name, description })),
    paths: toPaths(groups, (operation, group) => toOperation(operation, group.name, schemas)),
    components: {
      schemas: schemas.components,
      responses,
      examples,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Only from another origin or another machine: the content of `security.token_file`.',
        },
      },
    },
  };
}

function toPaths(
  groups: readonly Group[],
  write: (operation: Operation, group: Group) => ApiOperation,
): ApiDocument['paths'] {
  const paths: ApiDocument['paths'] = {};
  for (const group of groups) {
    for (const operation of group.operations) {
      const path = paths[operation.path] ?? {};
      path[operation.method.toLowerCase()] = write(operation, group);
      paths[operation.path] = path;
    }
  }
  return paths;
}
