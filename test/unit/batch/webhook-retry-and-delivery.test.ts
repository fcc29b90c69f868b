import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_PAUSE_MS, retryDelayMs, WEBHOOK_TRIES } from '../../../bridge/batch/webhook-delay.ts';
import { toDelivery } from '../../../bridge/batch/webhook-delivery.ts';
import { isWebhookSecret, webhookSchema } from '../../../bridge/contract/index.ts';
import { parseWith } from '../../../bridge/http/parse.ts';
import { parseRetryAfter } from '../../../bridge/retry-after.ts';
import { createStatus } from '../../helpers/statuses.ts';

describe('the pause before the next try', () => {
  it('grows from seconds to hours, and then the webhook is given up', () => {
    const seconds = (attempt: number) => {
      const delay = retryDelayMs(attempt, { random: () => 0 });
      return delay === null ? null : delay / 1000;
    };
    const all = Array.from({ length: WEBHOOK_TRIES + 1 }, (_, index) => seconds(index + 1));
    expect(all).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, null, null]);
  });

  it('is up to a fifth longer by chance, never shorter, and never before the receiver wants it', () => {
    const parts = {
      attempt: fc.integer({ min: 1, max: WEBHOOK_TRIES - 1 }),
      part: fc.double({ min: 0, max: 0.999, noNaN: true }),
    };
    const wish = fc.option(fc.integer({ min: 0, max: LONGEST_PAUSE_MS }), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ ...parts, afterMs: wish }), ({ attempt, part, afterMs }) => {
        const least = Math.max(retryDelayMs(attempt, { random: () => 0 }) ?? 0, afterMs ?? 0);
        const delay = retryDelayMs(attempt, { afterMs, random: () => part }) ?? -1;
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(Math.ceil(least * 1.2));
      }),
    );
    expect(new Set(Array.from({ length: 20 }, () => retryDelayMs(8))).size).toBeGreaterThan(1);
  });

  it('is a day at most, whatever the receiver wants', () => {
    expect(retryDelayMs(1, { afterMs: 1e15, random: () => 0 })).toBe(LONGEST_PAUSE_MS);
  });
});

describe('the header Retry-After', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  it.each([
    [null, null],
    ['', null],
    ['7', 7000],
    [' 7 ', 7000],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
    ['1.5', null],
    ['-1', null],
    ['in 5 minutes', null],
    ['2026-01-02', null],
    ['Fri, 99 Jan 2026 03:05:05 GMT', null],
  ])('%j asks for %j ms', (header, afterMs) => {
    expect(parseRetryAfter(header, now)).toBe(afterMs);
  });
});

describe('what a webhook says', () => {
  it.each(['completed', 'failed', 'cancelled'] as const)('of a %s batch', (status) => {
    const batch = createStatus({ status, completed_at: '2026-01-01T00:00:09Z' });
    const delivery = toDelivery(batch, 71);
    const id = `${batch.batch_id}-71`;
    const timestamp = '2026-01-01T00:00:09Z';
    const body = { type: `batch.${status}`, id, timestamp, data: batch };
    expect(delivery).toEqual({ id, event: `batch.${status}`, timestamp, body });
    expect(toDelivery({ ...batch, seq: 99 }, 71)?.id).toBe(id);
    expect(toDelivery(batch, 72)?.id).not.toBe(id);
  });

  it.each(['pending', 'running', 'paused'] as const)('nothing of a %s batch', (status) => {
    expect(toDelivery(createStatus({ status }), 1)).toBeNull();
  });
});

describe('the webhook of a start body', () => {
  it.each(['http://localhost:8080', 'https://user:pass@example.org/a?b=c', 'http://[::1]:9/x'])(
    'may go to %s',
    (url) => {
      expect(webhookSchema.parse({ url })).toEqual({ url });
    },
  );

  it.each([
    [{ url: 'ftp://example.org' }, 'url must be an http or https address; got "ftp://example.org"'],
    [{ url: 'example.org/hook' }, 'url must be an http or https address; got "example.org/hook"'],
    [{ url: 'javascript:alert(1)' }, 'url must be an http or https address; got "javascript:alert(1)"'],
    [{ url: 7 }, 'url must be text; got 7'],
    [{}, 'url is required'],
    [{ uri: 'http://x' }, 'url is required; unknown key "uri"; did you mean "url"?'],
    ['http://x', 'webhook must be a JSON object; got "http://x"'],
    [
      { url: `http://x/${'a'.repeat(2048)}` },
      `url must be text of at most 2048 characters; got "http://x/${'a'.repeat(71)}…"`,
    ],
  ])('is refused as %j', (value, sentence) => {
    expect(() => parseWith(webhookSchema, value, 'webhook')).toThrow(sentence);
  });
});

describe('a webhook secret', () => {
  it('is whsec_ and the base64 of 24 to 64 bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (length) => {
        const text = `whsec_${Buffer.alloc(length, 200).toString('base64')}`;
        expect(isWebhookSecret(text)).toBe(length >= 24 && length <= 64);
        expect(isWebhookSecret(text.slice('whsec_'.length))).toBe(false);
        expect(
          isWebhookSecret(` ${text}`) || isWebhookSecret(`${text}!`) || isWebhookSecret(`${text}=`),
        ).toBe(false);
      }),
    );
  });
});
