/** One entry of the table as an OpenAPI operation: parameters, request body, answers. */
import { z } from 'zod';
import type { Body, Operation } from './operation.ts';
import { findPathParameter, pathParametersOf } from './path-parameters.ts';
import { toResponses } from './to-answers.ts';
import type { ApiContent, ApiOperation, ApiParameter } from './to-document.ts';
import type { JsonSchema, Schemas } from './to-schemas.ts';

export function toOperation(operation: Operation, tag: string, schemas: Schemas): ApiOperation {
  const { id, summary, description, body } = operation;
  const parameters = [
    ...toPathParameters(operation),
    ...toQuery(operation, schemas),
    ...toHeaders(operation),
    ...toFormat(operation),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: toRequestBody(body, schemas) }),
    responses: toResponses(operation, schemas),
  };
}

function toPathParameters({ path }: Operation): ApiParameter[] {
  return pathParametersOf(path).map((name) => {
    const { about, schema, example } = findPathParameter(path, name);
    const form = toPlain(schema);
    return {
      name,
      in: 'path',
      required: true,
      description: about,
      schema: form,
      example: form.type === 'integer' ? Number(example) : example,
    };
  });
}

function toQuery({ query }: Operation, schemas: Schemas): ApiParameter[] {
  if (query === undefined) return [];
  return schemas.fieldsOf(query).map(({ name, required, schema: { description, ...schema } }) => ({
    name,
    in: 'query',
    required,
    ...(typeof description === 'string' ? { description } : {}),
    schema,
    ...(query.example?.[name] === undefined ? {} : { example: query.example[name] }),
  }));
}

function toHeaders({ headers = [] }: Operation): ApiParameter[] {
  return headers.map(({ name, about, schema, example }) => ({
    name,
    in: 'header',
    required: false,
    description: about,
    schema: toPlain(schema),
    example,
  }));
}

/** Every JSON answer has a plain form, but those that are streamed as files. */
function toFormat({ answers }: Operation): ApiParameter[] {
  const isStreamed = answers.some(({ headers }) => headers?.['content-disposition'] !== undefined);
  if (isStreamed || !answers.some(({ type, schema }) => type === undefined && schema !== undefined))
    return [];
  const schema: JsonSchema = { type: 'string', enum: ['json', 'plain'], default: 'json' };
  const description =
    '`plain`: the answer as `text/plain`, for readers without a JSON parser; `Accept: text/plain` does the same.';
  return [{ name: 'format', in: 'query', required: false, description, schema }];
}

function toRequestBody({ schema, required, examples, otherTypes = {} }: Body, schemas: Schemas) {
  const content: Record<string, ApiContent> = {
    'application/json': {
      schema: schemas.refer(schema),
      examples: Object.fromEntries(examples.map((example, index) => [`example-${index + 1}`, example])),
    },
  };
  for (const [type, { about, example }] of Object.entries(otherTypes)) {
    content[type] = { schema: { type: 'string', description: about }, example };
  }
  return { required, content };
}

function toPlain(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  if (rest.maximum === Number.MAX_SAFE_INTEGER) delete rest.maximum;
  return rest as JsonSchema;
}
