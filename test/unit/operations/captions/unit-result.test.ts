import { describe, expect, it } from 'vitest';
import { failureCodeSchema } from '../../../../bridge/contract/index.ts';
import { type CaptionResult, captionErrorCodes } from '../../../../bridge/operations/captions/outcome.ts';
import { detailKeys, toFailure, toUnitResult } from '../../../../bridge/operations/captions/unit-result.ts';

const caption: CaptionResult = {
  image_id: 'i',
  post_id: '1',
  media_id: '2',
  status: 'published',
  verified: true,
  error: null,
};
const timing = { t: '2026-05-01T12:00:00.000Z', ms: 5 };
const outcome = { rolled_back: false, results: [caption] };
const error = { code: 'not_verified', message: 'not there', retryable: true } as const;

describe('the record of a caption', () => {
  it.each([
    ['published', 'processed'],
    ['unchanged', 'processed'],
    ['planned', 'skipped'],
    ['rolled_back', 'failed'],
    ['failed', 'failed'],
  ] as const)('%s is %s', (status, s) => {
    const result = toUnitResult(
      { ...caption, status, error: s === 'failed' ? error : null },
      { outcome, timing },
    );
    expect(result).toMatchObject({ s, ...timing, d: { outcome: status, post_id: '1', media_id: '2' } });
    expect(result?.f === undefined).toBe(s !== 'failed');
    for (const key of Object.keys(result?.d ?? {})) expect(detailKeys).toContain(key);
  });

  it('of a stopped one there is none', () => {
    expect(toUnitResult({ ...caption, status: 'stopped' }, { outcome, timing })).toBe(null);
  });

  it.each(captionErrorCodes)('the reason %s has a failure code of its own kind', (code) => {
    const failure = toFailure({ code, message: 'why', retryable: true });
    expect(failureCodeSchema.safeParse(failure.code).success).toBe(true);
    expect(failure).toMatchObject({ message: 'why', stage: 'run', retryable: true });
  });
});
