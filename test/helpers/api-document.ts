/** Checks values against the schemas of the OpenAPI document, as a program of another make would: with Ajv. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type {
  ApiDocument,
  ApiOperation,
  ApiResponse,
} from '../../bridge/http/api-description/to-document.ts';

export type DocumentedOperation = { method: string; path: string; operation: ApiOperation };

export function operationsOf(document: ApiDocument): DocumentedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/**
 * Null when the value fits the schema at that place of the document, else what is wrong. Answers may have no field that is
 * not described: the schemas themselves leave that open.
 */
export function createValidator(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  (formats as unknown as (ajv: Ajv2020) => void)(ajv);
  const closed = structuredClone(document);
  closeObjects(closed.components.schemas);
  ajv.addSchema({ ...closed, $id: 'api' } as never);
  return (place: readonly string[], value: unknown): string | null => {
    const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const check = ajv.getSchema(`api#/${pointer.join('/')}`);
    if (check === undefined) return `the document has nothing at ${place.join(' ')}`;
    if (check(value)) return null;
    return ajv.errorsText(check.errors, { separator: '\n' });
  };
}
export type Validator = ReturnType<typeof createValidator>;

function closeObjects(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('properties' in value && !('additionalProperties' in value))
    Object.assign(value, { additionalProperties: false });
  for (const member of Object.values(value)) closeObjects(member);
}

export type Given = { status: number; type: string; body: string };

/** What the document does not say of this answer; null when it says all. Codes of the general answer count for every route. */
export function judgeAnswer(
  { document, validate }: { document: ApiDocument; validate: Validator },
  { method, path, operation }: DocumentedOperation,
  { status, type, body }: Given,
): string | null {
  const isListed = String(status) in operation.responses;
  const own = operation.responses[String(status)] as ApiResponse | undefined;
  const general = ['components', 'responses', 'AnyRefusal'];
  const place = isListed ? ['paths', path, method.toLowerCase(), 'responses', String(status)] : general;
  const response = own ?? document.components.responses.AnyRefusal;
  const mediaType = type.split(';')[0]?.trim() ?? '';
  const content = response?.content?.[mediaType];
  if (response?.content === undefined) return body === '' ? null : `${status} has no body in the document`;
  if (content === undefined) return `${status} ${mediaType || 'without a type'} is not in the document`;
  if (!mediaType.endsWith('json')) return null;
  const wrong = validate([...place, 'content', mediaType, 'schema'], JSON.parse(body));
  if (wrong === null) return null;
  // A route's own 4xx and the general one of the same status: each code counts.
  const isGeneral =
    status >= 400 && validate([...general, 'content', mediaType, 'schema'], JSON.parse(body)) === null;
  return isGeneral ? null : `${status}: ${wrong}\n${body.slice(0, 600)}`;
}
