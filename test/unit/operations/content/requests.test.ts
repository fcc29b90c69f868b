import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContentResult } from '../../../../bridge/contract/index.ts';
import { parseContentCsv } from '../../../../bridge/operations/content/csv-records.ts';
import {
  type OperationView,
  parsePage,
  toAccepted,
  toCreatorList,
  toCreatorPage,
  toOperationDocument,
} from '../../../../bridge/operations/content/documents.ts';
import {
  parseMetadataBody,
  parsePriceBody,
  parseRemoveBody,
} from '../../../../bridge/operations/content/parse-bodies.ts';
import { parseContentRecords } from '../../../../bridge/operations/content/record.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `id${index}`);
const refused = (message: string) => ({ ok: false, status: 400, body: { message } });

describe('the checks of a request', () => {
  it('100 ids are accepted, 101 refused', () => {
    expect(parsePriceBody({ contentIds: ids(100), newPrice: 1, creator: 'SP1' })).toMatchObject({ ok: true });
    expect(parsePriceBody({ contentIds: ids(101), newPrice: 1, creator: 'SP1' })).toEqual(
      refused('Batch size limited to 100 items'),
    );
  });

  it.each([
    ['a price', parsePriceBody, { newPrice: 'x' }, { newPrice: 1 }, refused('Valid newPrice is required')],
    [
      'metadata',
      parseMetadataBody,
      { updates: {} },
      { updates: { title: 'a' } },
      refused('updates object with at least one field is required'),
    ],
    [
      'a removal',
      parseRemoveBody,
      { removalReason: 5 },
      {},
      refused('removalReason must be a text of at most 1000 characters'),
    ],
  ])('of %s come in their order', (_, parse, wrong, right, own) => {
    const many = { contentIds: ids(101) };
    expect(parse({ ...wrong })).toEqual(refused('contentIds must be a non-empty array'));
    expect(parse({ ...many, ...wrong })).toEqual(refused('Batch size limited to 100 items'));
    expect(parse({ contentIds: ['a'], ...wrong })).toEqual(own);
    expect(parse({ contentIds: ['a'], ...right })).toEqual(refused('Creator address is required'));
    expect(parse({ contentIds: ['a'], ...right, creator: ' SP1 ' })).toMatchObject({
      ok: true,
      value: { contentIds: ['a'], creator: 'SP1' },
    });
  });

  it.each([[null], ['x'], [[]], [{ contentIds: {} }], [{ contentIds: 'a' }], [{ contentIds: [] }]])(
    'a body without ids is refused: %j',
    (body) => {
      for (const parse of [parsePriceBody, parseRemoveBody, parseMetadataBody])
        expect(parse(body)).toEqual(refused('contentIds must be a non-empty array'));
    },
  );

  it.each([undefined, null, '1', -1, Number.NaN, Number.POSITIVE_INFINITY, [], true])(
    'a price must be a finite number of at least 0: %s',
    (newPrice) => {
      expect(parsePriceBody({ contentIds: ['a'], newPrice, creator: 'SP1' })).toEqual(
        refused('Valid newPrice is required'),
      );
    },
  );

  it('a price of zero is fine', () => {
    expect(parsePriceBody({ contentIds: ['a'], newPrice: 0, creator: 'SP1' })).toMatchObject({
      value: { operationType: 'update-price', updatePayload: { newPrice: 0 } },
    });
  });

  it('a removal without a reason gets the default one', () => {
    for (const removalReason of [undefined, null, '', '  '])
      expect(parseRemoveBody({ contentIds: ['a'], creator: 'SP1', removalReason })).toMatchObject({
        value: { updatePayload: { removalReason: 'Batch removal by creator' } },
      });
  });

  it('an id counts once, a number and its text are the same id, and nothing else is one', () => {
    expect(parseRemoveBody({ contentIds: [1, 'a', '1', 'a'], creator: 'SP1' })).toMatchObject({
      value: { contentIds: [1, 'a'] },
    });
    for (const wrong of [null, {}, '', true])
      expect(parseRemoveBody({ contentIds: ['a', wrong], creator: 'SP1' })).toEqual(
        refused('contentIds must be texts or numbers'),
      );
  });
});

describe('the whitelist of metadata', () => {
  const parse = (updates: unknown) => parseMetadataBody({ contentIds: ['a'], creator: 'SP1', updates });
  const allowedFields = [
    'title',
    'description',
    'contentType',
    'tokenGating',
    'refundable',
    'refundWindowDays',
  ];

  it('takes every field at its edges', () => {
    const updates = {
      title: 'x'.repeat(255),
      description: '',
      contentType: 'podcast',
      tokenGating: false,
      refundable: true,
      refundWindowDays: 365,
    };
    expect(parse(updates)).toMatchObject({ ok: true, value: { updatePayload: updates } });
    expect(parse({ refundWindowDays: 0, description: 'x'.repeat(10_000) })).toMatchObject({ ok: true });
  });

  it.each([
    ['title', ['', 'x'.repeat(256), 1]],
    ['description', ['x'.repeat(10_001), null]],
    ['contentType', ['Video', 'song', 1]],
    ['tokenGating', ['true', 1]],
    ['refundable', [null, 0]],
    ['refundWindowDays', [-1, 366, 1.5, '7']],
    ['price', [1]],
    ['creator', ['x']],
    ['constructor', ['x']],
  ])('names %s when it is not allowed', (field, values) => {
    for (const value of values)
      expect(parse({ title: 'fine', [field]: value })).toEqual({
        ok: false,
        status: 400,
        body: { message: 'Invalid fields in update payload', invalidFields: [field], allowedFields },
      });
  });

  it('is not got round by a prototype', () => {
    const updates: unknown = JSON.parse('{"__proto__": {"title": "x"}}');
    expect(parse(updates)).toMatchObject({ body: { invalidFields: ['__proto__'] } });
  });

  it('lets nothing through that is not on it', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 1 }), (updates) => {
        const end = parse(updates);
        if (end.ok)
          expect(Object.keys(end.value.updatePayload).every((key) => allowedFields.includes(key))).toBe(true);
      }),
    );
  });
});

describe('the answers', () => {
  it('what was accepted', () => {
    expect(
      ['update-price', 'remove', 'update-metadata'].map((type) => toAccepted(type as 'remove', 'b1', 2)),
    ).toEqual(
      ['Batch price update initiated', 'Batch removal initiated', 'Batch metadata update initiated'].map(
        (message) => ({
          message,
          batchId: 'b1',
          status: 'pending',
          totalItems: 2,
        }),
      ),
    );
  });

  const ok = (contentId: string) => ({ contentId, success: true as const, message: 'm', timestamp: 't' });
  const view: OperationView = {
    batchId: 'b1',
    creator: 'SP1',
    operationType: 'update-price',
    updatePayload: { newPrice: 5 },
    status: 'paused',
    contentIds: ['a', 'b', 'c'],
    results: new Map<number, ContentResult>([
      [2, ok('c')],
      [0, { contentId: 'a', success: false as const, error: 'e', timestamp: 't' }],
    ]),
    startedAt: 's',
    completedAt: null,
  };

  it('an operation, live, its results in input order', () => {
    expect(toOperationDocument(view)).toEqual({
      batchId: 'b1',
      creator: 'SP1',
      operationType: 'update-price',
      status: 'processing',
      totalItems: 3,
      contentIds: ['a', 'b', 'c'],
      updatePayload: { newPrice: 5 },
      successCount: 1,
      failureCount: 1,
      results: [{ contentId: 'a', success: false, error: 'e', timestamp: 't' }, ok('c')],
      startedAt: 's',
      completedAt: null,
    });
  });

  it('a page of a creator, newest first', () => {
    const batches = ['2026-01-01', '2026-01-03', '2026-01-02', '2026-01-03'].map((createdAt, index) => ({
      batchId: `b${index}`,
      createdAt,
    }));
    const { total, page } = toCreatorPage(batches, { limit: 2, skip: 1 });
    expect([total, page.map(({ batchId }) => batchId)]).toEqual([4, ['b1', 'b2']]);
    expect(toCreatorList('SP1', { total, operations: [], limit: 2, skip: 1 })).toEqual({
      creator: 'SP1',
      total: 4,
      operations: [],
      limit: 2,
      skip: 1,
    });
  });

  it('the query of a page has defaults and bounds', () => {
    expect(parsePage({})).toEqual({ ok: true, value: { limit: 50, skip: 0 } });
    for (const query of [{ limit: '0' }, { limit: '101' }, { limit: 'x' }, { skip: '-1' }, { skip: '1.5' }])
      expect(parsePage(query)).toMatchObject({ ok: false, status: 400 });
  });
});

describe('loading records', () => {
  it('takes an array and keeps fields it does not know', () => {
    const records = [{ id: 1, creator: 'SP1', price: 2, extra: { a: 1 } }];
    expect(parseContentRecords(records)).toEqual({ ok: true, records });
  });

  it('refuses all and says which are wrong', () => {
    expect(parseContentRecords({})).toMatchObject({ ok: false, status: 400 });
    const end = parseContentRecords([{ id: 1, creator: 'a' }, { id: 2 }, { id: 3, creator: 'a', price: -1 }]);
    expect(end).toMatchObject({
      ok: false,
      body: { message: 'Invalid content records', invalidRecords: [{ index: 1 }, { index: 2 }] },
    });
  });

  it('takes a CSV text with types', () => {
    const text =
      '\ufeffID;creator;title;price;tokengating;refundWindowDays;note\r\n7;SP1;"a;b";1.5;TRUE;;x\r\n\r\n';
    expect(parseContentCsv(Buffer.from(text))).toEqual({
      ok: true,
      records: [{ id: '7', creator: 'SP1', title: 'a;b', price: 1.5, tokenGating: true, note: 'x' }],
    });
    expect(parseContentCsv(Buffer.from('id,creator,price\n1,a,cheap\n'))).toMatchObject({ ok: false });
    expect(parseContentCsv(Buffer.from('id,creator\n"1,a\n'))).toMatchObject({ ok: false, status: 400 });
  });
});
