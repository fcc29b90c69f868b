/** The answers of an operation in OpenAPI's form: what it gives, and what it refuses with which codes. */
import { type ErrorCode, errorTable } from '../../errors.ts';
import { PROBLEM_TYPE } from '../problem.ts';
import type { Answer, Operation } from './operation.ts';
import { general, refusalExamples, refusalsOf } from './refusals.ts';
import type { ApiContent, ApiExample, ApiOperation, ApiResponse } from './to-document.ts';
import type { JsonSchema, Schemas } from './to-schemas.ts';

const PROBLEM = { $ref: '#/components/schemas/Problem' };

export function toResponses(operation: Operation, schemas: Schemas): ApiOperation['responses'] {
  const responses: ApiOperation['responses'] = {};
  for (const answer of operation.answers) {
    const status = String(answer.status ?? 200);
    const before = responses[status] as ApiResponse | undefined;
    responses[status] = toAnswer(answer, schemas, before);
  }
  for (const [status, codes] of refusalsOf(operation)) {
    responses[String(status)] = toRefusal(codes, status);
  }
  return { ...responses, default: { $ref: '#/components/responses/AnyRefusal' } };
}

/** `before`: the same status in another media type. */
function toAnswer(answer: Answer, schemas: Schemas, before: ApiResponse | undefined): ApiResponse {
  const { about, type = 'application/json', schema, example, headers } = answer;
  const form = schema === undefined ? toPlainForm(type) : schemas.refer(schema);
  const content: Record<string, ApiContent> =
    type === '' ? {} : { [type]: { schema: form, ...(example === undefined ? {} : { example }) } };
  const all = { ...before?.content, ...content };
  return {
    description: before === undefined ? about || 'The content.' : `${before.description} ${about}`.trim(),
    ...(headers === undefined ? {} : { headers: toHeaders(headers) }),
    ...(Object.keys(all).length === 0 ? {} : { content: all }),
  };
}

/** Text is text; of other media types OpenAPI 3.1 says that an empty schema means bytes. */
function toPlainForm(type: string): JsonSchema {
  return type.startsWith('text/') ? { type: 'string' } : {};
}

function toHeaders(headers: Readonly<Record<string, string>>): NonNullable<ApiResponse['headers']> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function toRefusal(codes: readonly ErrorCode[], status: number): ApiResponse {
  const titles = new Set(codes.map((code) => errorTable[code][1]));
  return {
    description: [...titles].join(', or: '),
    content: {
      [PROBLEM_TYPE]: {
        schema: {
          allOf: [
            PROBLEM,
            {
              type: 'object',
              properties: { status: { const: status }, code: { enum: [...codes] } },
              required: ['status', 'code'],
            },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

export function toGeneralAnswers(): {
  responses: Record<string, ApiResponse>;
  examples: Record<string, ApiExample>;
} {
  const examples = Object.entries(refusalExamples).map(([code, { detail, more = {} }]) => {
    const [status, title] = errorTable[code as ErrorCode];
    const value = { type: 'about:blank', title, status, detail, error: detail, code, ...more };
    return [code, { summary: title, value }] as const;
  });
  return {
    responses: {
      AnyRefusal: {
        description: 'Refused before the route was asked, or a fault of the daemon.',
        content: {
          [PROBLEM_TYPE]: {
            schema: {
              allOf: [
                PROBLEM,
                { type: 'object', properties: { code: { enum: [...general] } }, required: ['code'] },
              ],
            },
            examples: Object.fromEntries(
              general.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
            ),
          },
        },
      },
    },
    examples: Object.fromEntries(examples),
  };
}
