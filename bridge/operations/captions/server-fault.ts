/** What can go wrong between us and a server, and whether asking again can help. Knows no caption. */

export type FaultKind = 'connection' | 'timeout' | 'http' | 'redirect' | 'unreadable' | 'read_only';

/** The message never contains the access token. */
export class ServerFault extends Error {
  readonly kind: FaultKind;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What the server asks us to wait, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: FaultKind,
    message: string,
    {
      status = 0,
      retryAfterMs = null,
      cause,
    }: { status?: number; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ServerFault';
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Connection errors, 408, 429, 500, 502-504 and Cloudflare's 520-527. Nothing else gets better by repeating it. */
export function isRetryable(fault: unknown): fault is ServerFault {
  if (!(fault instanceof ServerFault)) return false;
  if (fault.kind === 'connection' || fault.kind === 'timeout') return true;
  const { status } = fault;
  return (
    fault.kind === 'http' &&
    ([408, 429, 500, 502, 503, 504].includes(status) || (status >= 520 && status <= 527))
  );
}

/** A writing request may have been carried out though we were told nothing of it, or told of trouble. */
export function isAmbiguous(fault: unknown): boolean {
  if (!(fault instanceof ServerFault)) return false;
  if (fault.kind === 'http') return fault.status >= 500 || fault.status === 408;
  return fault.kind !== 'read_only' && fault.kind !== 'redirect';
}
