/** Which refusals an operation can answer, and a real sentence for each code. Statuses come from the one table in errors.ts. */
import { type ErrorCode, errorTable } from '../../errors.ts';
import type { Operation } from './operation.ts';
import { findPathParameter, pathParametersOf } from './path-parameters.ts';

/** Of the guard and the state of the daemon: on every route. */
const everywhere: readonly ErrorCode[] = [
  'forbidden_origin',
  'forbidden_user',
  'misdirected_host',
  'unavailable',
];
/** Of HTTP itself, or of nobody's making: on every route too, gathered in one answer. */
export const general = [
  'bad_request',
  'invalid_target',
  'unauthorized',
  'request_timeout',
  'unsupported_media_type',
  'too_many_requests',
  'headers_too_large',
  'internal',
] as const satisfies readonly ErrorCode[];

/** Status → codes, each once, in rising order of status. */
export function refusalsOf(operation: Operation): Map<number, ErrorCode[]> {
  const { body, query, headers, path, refusals = [], writes = false } = operation;
  const codes = new Set<ErrorCode>([
    ...(body || query || headers ? (['bad_request'] as const) : []),
    ...(body ? (['body_too_large', 'unsupported_media_type'] as const) : []),
    ...pathParametersOf(path).flatMap((name) => findPathParameter(path, name).missing ?? []),
    ...refusals,
    ...everywhere,
    ...(writes ? (['read_only', 'disk_full'] as const) : []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const [status] = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}

/** What such a refusal says, with the members it adds to the body. */
export const refusalExamples: Partial<
  Record<ErrorCode, { detail: string; more?: Readonly<Record<string, unknown>> }>
> = {
  bad_request: { detail: 'photo_ids must be a non-empty list', more: { field: 'photo_ids' } },
  invalid_target: { detail: 'the request target must be a path that starts with "/"' },
  unauthorized: {
    detail:
      'this access needs the token: "Authorization: Bearer <token>" (file of the setting security.token_file)',
  },
  forbidden_origin: {
    detail: 'Origin "https://example.com" is not allowed; the setting security.allowed_origins may name it',
  },
  forbidden_user: {
    detail: 'the connection comes from user 1001; the setting security.same_user_only = false would allow it',
  },
  forbidden_path: { detail: '/etc/hosts: it lies outside the listed folders' },
  forbidden_setting: {
    detail: 'security.paths decides what programs may reach: no web page may change it',
  },
  not_found: { detail: 'there is no content record "c-9"' },
  batch_not_found: { detail: 'Batch not found' },
  photo_not_found: { detail: 'No photo has the id 99' },
  preset_not_found: {
    detail: 'no preset is named "WhiteLayer_v5"; did you mean "WhiteLayer_v4"?',
    more: { suggestions: ['WhiteLayer_v4'] },
  },
  template_not_found: {
    detail: 'no template is named "Web galery"; did you mean "Web gallery"?',
    more: { suggestions: ['Web gallery'] },
  },
  request_timeout: { detail: 'the request took too long (settings limits.headers_s, limits.request_s)' },
  illegal_transition: {
    detail: 'Failed to resume batch: a running batch cannot be resumed',
    more: {
      batch_status: 'running',
      allowed_actions: ['pause', 'cancel'],
      batch_id: 'batch_abc123def456',
    },
  },
  conflict: { detail: 'another batch works on the same file' },
  body_too_large: { detail: 'the body is larger than 16 MB (setting limits.body_mb)' },
  unsupported_media_type: {
    detail: 'a body must be JSON sent with the header "Content-Type: application/json"; it says "text/plain"',
  },
  misdirected_host: {
    detail:
      'Host "example.com" is not this daemon; use localhost:5100, or name it in the setting security.allowed_hosts',
  },
  unprocessable: { detail: 'no photo of this batch failed' },
  unknown_photo_ids: {
    detail:
      'photo_ids: unknown photo ids 998, 999; register them with POST /photos, or set on_unknown to "fail_item"',
    more: { unknown_photo_ids: [998, 999], unknown_count: 2 },
  },
  unknown_preset: {
    detail: 'no preset is named "WhiteLayer_v5"; did you mean "WhiteLayer_v4"?',
    more: { suggestions: ['WhiteLayer_v4'] },
  },
  unknown_template: {
    detail: 'no template is named "Web galery"; did you mean "Web gallery"?',
    more: { suggestions: ['Web gallery'] },
  },
  preset_invalid: { detail: 'preset "Warm" cannot be used: exposure must be at most 5; got 9' },
  idempotency_mismatch: { detail: 'Idempotency-Key "import-7" was used for another body' },
  output_not_writable: { detail: 'config.output.folder: /mnt/card cannot be written (EACCES)' },
  invalid_path: {
    detail: '/home/anna/Pictures/gone.jpg: the file does not exist',
    more: { path: '/home/anna/Pictures/gone.jpg', reason: 'the file does not exist' },
  },
  too_many_requests: { detail: 'too many requests; try again in a second' },
  headers_too_large: { detail: 'the headers are larger than 16 KB' },
  internal: { detail: 'Internal error; the log says more' },
  unavailable: { detail: 'the daemon is starting', more: { state: 'starting' } },
  read_only: { detail: 'The data folder cannot be written' },
  disk_full: { detail: 'The disk of the data folder is full' },
};
