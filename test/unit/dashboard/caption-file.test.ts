import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BridgeProblem } from '../../../bridge/client/index.ts';
import {
  emptyCaptionDraft,
  toCaptionRefusal,
  toCaptionsRequest,
} from '../../../bridge/dashboard/app/state/caption-draft.ts';
import { readCaptionFile, toPosts } from '../../../bridge/dashboard/app/state/caption-file.ts';
import { parseCsv } from '../../../bridge/dashboard/app/state/csv.ts';
import { parseCaptionList } from '../../../bridge/operations/captions/parse-captions.ts';

const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;

describe('a list of captions as CSV', () => {
  it('comes out as it went in, whatever stands in its cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\t', '\n', '\r', ' ', 'ü') });
    const wide = fc.array(cell, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.constantFrom(',', ';', '\t'), fc.array(wide), (delimiter, records) => {
        const header = ['image_id', 'caption'];
        const lines = [header, ...records.map((record) => record.map(quote))];
        const text = lines.map((line) => line.join(delimiter)).join('\r\n');
        expect(parseCsv(text)).toEqual([header, ...records]);
      }),
    );
  });

  it('is refused in words when it cannot be one', () => {
    expect(readCaptionFile('  ')).toEqual({ ok: false, problem: 'Choose a file, or paste its text.' });
    expect(readCaptionFile('image_id\n"a')).toMatchObject({ ok: false });
    expect(readCaptionFile('name,text\na,b')).toMatchObject({ problem: expect.stringContaining('image_id') });
    expect(readCaptionFile('image_id\n')).toMatchObject({ problem: 'There is no caption in it.' });
    expect(readCaptionFile('{"captions": 1}')).toMatchObject({ problem: expect.stringContaining('a list') });
    expect(readCaptionFile('[1')).toMatchObject({ problem: expect.stringContaining('no JSON') });
  });
});

const row = (image_id: string, post_id: string, more: Record<string, string> = {}) => ({
  image_id,
  post_id,
  media_id: `m${image_id}`,
  caption: `of ${image_id}`,
  status: 'approved',
  ...more,
});

describe('what would be published', () => {
  it('is the approved ones by post, reviewed texts first, the newest post first', () => {
    const rows = [
      row('a', '9', { updated_at: '2026-01-01T00:00:00Z' }),
      row('b', '10', { status: 'draft' }),
      row('c', '10', { updated_at: '2026-02-01T00:00:00Z', reviewed_caption: 'better' }),
      row('d', '9', { status: ' Approved ' }),
    ];
    expect(toPosts(rows, Number.POSITIVE_INFINITY)).toEqual([
      { post: '10', captions: [{ imageId: 'c', text: 'better' }] },
      {
        post: '9',
        captions: [
          { imageId: 'a', text: 'of a' },
          { imageId: 'd', text: 'of d' },
        ],
      },
    ]);
  });

  it('is exactly what the daemon takes of the same list, in its order', () => {
    const when = fc.constantFrom('', '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z');
    const rows = fc.array(fc.tuple(fc.constantFrom('7', '12', '90'), when, fc.boolean()), { minLength: 1 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 5 }), (drawn, limit) => {
        const list = drawn.map(([post, updated_at, isApproved], place) =>
          row(`i${place}`, post, { updated_at, status: isApproved ? 'approved' : 'draft' }),
        );
        const parsed = parseCaptionList(list, { limit });
        const ids = toPosts(list, limit).flatMap(({ captions }) => captions.map(({ imageId }) => imageId));
        expect(parsed.ok && parsed.captions.map(({ image_id }) => image_id)).toEqual(ids);
      }),
    );
  });
});

describe('the request of captions', () => {
  it('sends options as they were typed and leaves out what was left empty', () => {
    const draft = { ...emptyCaptionDraft, limit: '', concurrent: 'many', verifyDelay: '0.5' };
    expect(toCaptionsRequest(draft, [row('a', '1')])).toEqual({
      operation: 'captions',
      items: [row('a', '1')],
      config: { concurrent: 'many', batch_size: 5, verify_delay_s: 0.5, rollback: true, dry_run: false },
    });
  });

  it('that is refused tells every row at the list, five of them in words', () => {
    const errors = Array.from({ length: 7 }, (_, place) => ({
      field: 'caption',
      message: `item ${place + 1}: caption is missing`,
    }));
    const detail = 'all';
    const problem = { type: '', title: '', status: 400, detail, error: detail, code: 'bad_request', errors };
    const { fields, rest } = toCaptionRefusal(new BridgeProblem(problem));
    expect(rest).toBeNull();
    expect(fields.captions).toMatch(/^item 1: .*; item 5: caption is missing; and 2 more$/);
  });
});
