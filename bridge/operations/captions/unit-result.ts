/** What became of a caption, as the engine records it. Pure. */
import type { UnitResult } from '../../batch/ports.ts';
import type { Failure, FailureCode } from '../../contract/index.ts';
import type { CaptionError, CaptionErrorCode, CaptionResult, PostOutcome } from './outcome.ts';

/** Names of the details of a result. */
export const detailKeys = [
  'post_id',
  'media_id',
  'outcome',
  'verified',
  'rolled_back',
  'reason_code',
] as const;

const failureCodes: Record<CaptionErrorCode, FailureCode> = {
  caption_too_long: 'invalid_item',
  media_not_found: 'not_found',
  conflicting_captions: 'invalid_item',
  held_back: 'invalid_item',
  poll_at_risk: 'rejected',
  unsupported_server: 'rejected',
  unauthorized: 'rejected',
  forbidden: 'rejected',
  post_not_found: 'not_found',
  rejected: 'rejected',
  rate_limited: 'unreachable',
  unreachable: 'unreachable',
  server_error: 'unreachable',
  not_verified: 'not_verified',
  not_restored: 'not_verified',
  internal: 'internal',
};

export type Timing = Pick<UnitResult, 't' | 'ms'>;

/** Null: it was stopped, nothing is to be recorded. */
export function toUnitResult(
  result: CaptionResult,
  { outcome, timing }: { outcome: Pick<PostOutcome, 'rolled_back' | 'results'>; timing: Timing },
): UnitResult | null {
  const d = toDetails(result, outcome.rolled_back);
  switch (result.status) {
    case 'stopped':
      return null;
    case 'published':
    case 'unchanged':
      return { s: 'processed', ...timing, d, ...toWarnings(result, outcome) };
    case 'planned':
      return { s: 'skipped', ...timing, d };
    case 'rolled_back':
    case 'failed': {
      const error = result.error ?? unexplained;
      return { s: 'failed', ...timing, d: { ...d, reason_code: error.code }, f: toFailure(error) };
    }
  }
}

const unexplained: CaptionError = { code: 'internal', message: 'no reason was given', retryable: false };

export function toFailure({ code, message, retryable }: CaptionError): Failure {
  return { code: failureCodes[code], message, stage: 'run', retryable };
}

function toDetails(
  { post_id, media_id, status, verified }: CaptionResult,
  rolled_back: boolean,
): NonNullable<UnitResult['d']> {
  return { post_id, media_id, outcome: status, verified, rolled_back };
}

/** Of what stays though other captions of its post did not land. */
function toWarnings(
  { post_id, status }: CaptionResult,
  { rolled_back, results }: Pick<PostOutcome, 'rolled_back' | 'results'>,
): Pick<UnitResult, 'w'> {
  const others = results.filter((other) => other.status === 'failed').length;
  if (rolled_back || others === 0 || status !== 'published') return {};
  return { w: [`post ${post_id}: ${others} other captions of it failed, and nothing was put back`] };
}
