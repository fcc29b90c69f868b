/** Expected refusals: BridgeError and the one table from its code to HTTP status and title. */

export const errorTable = {
  bad_request: [400, 'Bad request'],
  invalid_target: [400, 'Invalid request target'],
  unauthorized: [401, 'Token needed'],
  forbidden_origin: [403, 'Origin not allowed'],
  forbidden_user: [403, 'User not allowed'],
  forbidden_path: [403, 'Path not allowed'],
  forbidden_setting: [403, 'Setting not allowed'],
  not_found: [404, 'Not found'],
  batch_not_found: [404, 'Not found'],
  photo_not_found: [404, 'Not found'],
  preset_not_found: [404, 'Not found'],
  template_not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  request_timeout: [408, 'Request too slow'],
  illegal_transition: [409, 'Wrong state'],
  conflict: [409, 'Conflict'],
  body_too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  misdirected_host: [421, 'Host not allowed'],
  unprocessable: [422, 'Cannot be done'],
  unknown_photo_ids: [422, 'Unknown photos'],
  unknown_preset: [422, 'Unknown preset'],
  unknown_template: [422, 'Unknown template'],
  preset_invalid: [422, 'Preset invalid'],
  idempotency_mismatch: [422, 'Idempotency key used before'],
  output_not_writable: [422, 'Output folder not writable'],
  invalid_path: [422, 'Invalid path'],
  too_many_requests: [429, 'Too many requests'],
  headers_too_large: [431, 'Headers too large'],
  internal: [500, 'Internal error'],
  unavailable: [503, 'Unavailable'],
  read_only: [503, 'Read-only'],
  disk_full: [507, 'Disk full'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ErrorCode = keyof typeof errorTable;

/** A refusal the caller can act on. `extensions` become members of the problem body. */
export class BridgeError extends Error {
  readonly code: ErrorCode;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'BridgeError';
    this.code = code;
    this.extensions = extensions;
  }

  get status(): number {
    return errorTable[this.code][0];
  }

  get title(): string {
    return errorTable[this.code][1];
  }
}

/** Anything caught, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
