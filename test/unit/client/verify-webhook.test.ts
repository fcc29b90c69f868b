import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../../bridge/client/index.ts';
import { toSigningKey } from '../../../bridge/webhooks/secret.ts';
import { toSignatureHeaders } from '../../../bridge/webhooks/sign.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const nowMs = Date.parse('2026-03-04T05:06:07Z');
const body =
  '{"type":"batch.completed","id":"batch_1-2","timestamp":"2026-03-04T05:06:07Z","data":{"x":"😀"}}';
const sign = (over: Partial<Parameters<typeof toSignatureHeaders>[0]> = {}, by = secret) =>
  toSignatureHeaders({ id: 'batch_1-2', atMs: nowMs, body, ...over }, toSigningKey(by));

describe('verifyWebhook', () => {
  it('takes one that is signed by the secret, as text or bytes, under any form of headers', async () => {
    const headers = sign();
    const expected = { ok: true, webhook: JSON.parse(body) };
    for (const form of [
      headers,
      new Headers(headers),
      { 'Webhook-Id': [headers['webhook-id']!], ...headers },
    ])
      for (const content of [body, Buffer.from(body)])
        expect(await verifyWebhook({ headers: form, body: content }, { secret, nowMs })).toEqual(expected);
  });

  it('agrees with the example that the authors of Standard Webhooks publish', async () => {
    const verdict = await verifyWebhook(
      {
        headers: {
          'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          'webhook-timestamp': '1614265330',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
        body: '{"test": 2432232314}',
      },
      { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', nowMs: 1_614_265_330_000 },
    );
    expect(verdict).toEqual({ ok: true, webhook: { test: 2432232314 } });
  });

  it('takes no other body, id, time, signature or secret', async () => {
    const headers = sign();
    const wrong: [Record<string, string>, string, string][] = [
      [headers, `${body} `, secret],
      [headers, body.replace('completed', 'failed'), secret],
      [headers, body, other],
      [{ ...headers, 'webhook-id': 'batch_1-3' }, body, secret],
      [{ ...headers, 'webhook-timestamp': String(nowMs / 1000 - 1) }, body, secret],
      [
        { ...headers, 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') },
        body,
        secret,
      ],
      [{ ...headers, 'webhook-signature': 'v1,' }, body, secret],
      [{ ...headers, 'webhook-signature': 'v1,%%%' }, body, secret],
    ];
    for (const [given, content, by] of wrong) {
      const verdict = await verifyWebhook({ headers: given, body: content }, { secret: by, nowMs });
      expect(verdict).toEqual({ ok: false, reason: 'the signature is not of this secret and body' });
    }
  });

  it('takes none of which one bit was turned', async () => {
    const bytes = Buffer.from(body);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const turned = Buffer.from(bytes);
        turned[at] = turned[at]! ^ (1 << bit);
        expect((await verifyWebhook({ headers: sign(), body: turned }, { secret, nowMs })).ok).toBe(false);
      }),
    );
  });

  it('takes one only for five minutes, or as long as it is told', async () => {
    const at = (ageS: number, toleranceS?: number) =>
      verifyWebhook({ headers: sign({ atMs: nowMs - ageS * 1000 }), body }, { secret, nowMs, toleranceS });
    for (const age of [0, 299, 300, -300]) expect((await at(age)).ok).toBe(true);
    for (const age of [301, -301, 1e6])
      expect(await at(age)).toEqual({ ok: false, reason: 'the time is too long ago, or ahead' });
    expect((await at(301, 600)).ok).toBe(true);
    expect((await at(5, 4)).ok).toBe(false);
  });

  it('tries each signature and each secret while one replaces the other', async () => {
    const both = {
      ...sign(),
      'webhook-signature': `v1a,eA== ${sign({}, other)['webhook-signature']} ${sign()['webhook-signature']}`,
    };
    expect((await verifyWebhook({ headers: both, body }, { secret, nowMs })).ok).toBe(true);
    expect((await verifyWebhook({ headers: sign(), body }, { secret: [other, secret], nowMs })).ok).toBe(
      true,
    );
  });

  it('says what is missing, and throws only for a secret that is none', async () => {
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const { [name]: _gone, ...headers } = sign();
      expect(await verifyWebhook({ headers, body }, { secret, nowMs })).toEqual({
        ok: false,
        reason: 'a webhook header is missing',
      });
    }
    const late = { ...sign(), 'webhook-timestamp': 'now' };
    expect(await verifyWebhook({ headers: late, body }, { secret, nowMs })).toMatchObject({ ok: false });
    expect(await verifyWebhook({ headers: sign({ body: '{' }), body: '{' }, { secret, nowMs })).toEqual({
      ok: false,
      reason: 'the body is no JSON',
    });
    for (const none of ['', 'secret', 'whsec_', 'whsec_%'])
      await expect(verifyWebhook({ headers: sign(), body }, { secret: none, nowMs })).rejects.toThrow(
        TypeError,
      );
  });

  it('leaves the comparison to the platform, which takes constant time', async () => {
    const { readFile } = await import('node:fs/promises');
    const source = await readFile(
      new URL('../../../bridge/client/verify-webhook.ts', import.meta.url),
      'utf8',
    );
    expect(source).toContain("crypto.subtle.verify('HMAC', key, given, signed)");
    expect(source).not.toMatch(/given\s*[!=]==(?! null)|signature\s*[!=]==/);
  });
});
