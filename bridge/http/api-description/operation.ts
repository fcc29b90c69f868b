/** The form of the table that describes the routes: one entry an operation. Types and the two helpers that keep them honest. */
import type { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';

type FieldOf<S> = S extends z.ZodObject<infer Shape> ? keyof Shape & string : string;

/** A schema with words. `fields`: what each of its fields means, where the name does not say it. */
export type Described = {
  schema: z.ZodType;
  about?: string;
  fields?: Readonly<Record<string, string>>;
  /** Components that a field may have the form of, where its schema says less because it is checked later. */
  forms?: Readonly<Record<string, readonly string[]>>;
  /** What the schema makes of its input: for answers whose fields have defaults. */
  io?: 'input' | 'output';
};

/** The compiler refuses words about a field that an object schema does not have. */
export function describe<S extends z.ZodType>(
  schema: S,
  words: {
    about?: string;
    fields?: Partial<Record<FieldOf<S>, string>>;
    forms?: Partial<Record<FieldOf<S>, readonly string[]>>;
    io?: 'output';
  } = {},
): Described {
  return { schema, ...words } as Described;
}

export type Query = Described & {
  schema: z.ZodObject;
  /** Sent as it is by the test that walks the document. */
  example?: Readonly<Record<string, string | number>>;
};

export function describeQuery<S extends z.ZodObject>(
  schema: S,
  words: {
    fields?: Partial<Record<FieldOf<S>, string>>;
    example?: Partial<Record<FieldOf<S>, string | number>>;
  } = {},
): Query {
  return { schema, ...words } as Query;
}

export type NamedExample = { summary: string; value: unknown };

export type Body = {
  schema: z.ZodType;
  /** False: the route may also be called without one. */
  required: boolean;
  /** The first is the one that stands in the curl line. */
  examples: readonly NamedExample[];
  /** Other media types the route reads, beside JSON. */
  otherTypes?: Readonly<Record<string, { about: string; example: string }>>;
};

export type Answer = {
  /** 200 when absent. Several answers of one status differ in `type`. */
  status?: number;
  about: string;
  /** `application/json` when absent; empty: there is no body. */
  type?: string;
  /** Absent: bytes or text. */
  schema?: z.ZodType;
  example?: unknown;
  headers?: Readonly<Record<string, string>>;
};

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/batch/{batch_id}/pause`. Its parameters are those of `path-parameters.ts`. */
  path: string;
  /** `operationId`: the name of the method in generated clients. Never changed once published. */
  id: string;
  summary: string;
  description?: string;
  query?: Query;
  headers?: readonly { name: string; about: string; schema: z.ZodType; example: string }[];
  body?: Body;
  answers: readonly Answer[];
  /** What only this route refuses. What follows from its parameters, its body and `writes` is added by itself. */
  refusals?: readonly ErrorCode[];
  /** Needs room on disk: refused when there is none, and when the data folder cannot be written. */
  writes?: boolean;
};

export type Group = { name: string; about: string; operations: readonly Operation[] };
