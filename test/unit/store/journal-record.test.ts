import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFraming } from '../../../bridge/store/journal-record.ts';
import { RecordScanner } from '../../../bridge/store/record-scanner.ts';

const seqs = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

function scan(bytes: Buffer, pieces: number[]): { found: unknown[]; torn: unknown; damaged: unknown } {
  const found: unknown[] = [];
  const scanner = new RecordScanner(createFraming('s'), { offset: 0, seq: 0 }, (payload) => {
    found.push(payload);
    return true;
  });
  let at = 0;
  for (const length of pieces) {
    scanner.push(bytes.subarray(at, at + length));
    at += length;
  }
  scanner.push(bytes.subarray(at));
  const { torn, damaged } = scanner.finish();
  return { found, torn, damaged };
}

describe('a record', () => {
  it('is one line of text that anyone can read', () => {
    const { bytes } = createFraming('journal 7').encode(12, json({ k: 'ü' }));
    expect(bytes.toString()).toMatch(/^PB1 10 [0-9a-f]{8} 12 \{"k":"ü"\}\n$/);
  });

  it('comes back as it was from any place of a buffer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), seqs, fc.nat(20), (value, seq, offset) => {
        const framing = createFraming('s');
        const bytes = Buffer.concat([Buffer.alloc(offset), framing.encode(seq, json(value)).bytes]);
        const record = framing.parse(bytes, offset);
        if (record.kind !== 'record') throw new Error(record.kind);
        expect(record).toMatchObject({ seq, next: bytes.length });
        expect(bytes.toString('utf8', record.start, record.end)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is short at every length below its own, and no record in another scope or with another number', () => {
    const framing = createFraming('s');
    const { bytes } = framing.encode(5, json([1, 2, 3]));
    for (let length = 0; length < bytes.length; length += 1)
      expect(framing.parse(bytes.subarray(0, length), 0)).toEqual({ kind: 'short' });
    expect(createFraming('t').parse(bytes, 0)).toEqual({ kind: 'bad' });
    const renumbered = Buffer.from(bytes.toString('latin1').replace(' 5 ', ' 6 '), 'latin1');
    expect(framing.parse(renumbered, 0)).toEqual({ kind: 'bad' });
  });

  it('is never seen in any other bytes', () => {
    const framing = createFraming('s');
    const almost = fc.constantFrom('PB1 ', 'PB1 2 00000000 1 {}\n', 'PB1 99999999999 ', 'PB1 1 zz', 'PB1  ');
    const bytes = fc.array(fc.oneof(almost, fc.string({ unit: 'binary' })), { maxLength: 8 });
    fc.assert(
      fc.property(bytes, (parts) => {
        const buffer = Buffer.from(parts.join(''));
        for (let at = 0; at <= buffer.length; at += 1)
          expect(framing.parse(buffer, at).kind).not.toBe('record');
      }),
    );
  });
});

describe('a row of records with anything in between', () => {
  it('is found whole, whatever pieces it is read in, and all else is told of', () => {
    const garbage = fc.oneof(
      fc.constant(''),
      fc.constantFrom('PB1 5', '\n\n', 'x', 'PB1 3 00000000 9 [1]\n'),
    );
    const pieces = fc.array(fc.nat(40), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(garbage, { minLength: 1, maxLength: 8 }), pieces, (between, lengths) => {
        const framing = createFraming('s');
        const parts = between.flatMap((text, n) => [
          Buffer.from(text),
          ...(n === between.length - 1 ? [] : [framing.encode(n + 1, json({ n })).bytes]),
        ]);
        const { found, torn, damaged } = scan(Buffer.concat(parts), lengths);
        expect(found).toEqual(between.slice(0, -1).map((_, n) => ({ n })));
        expect(damaged).toHaveLength(between.slice(0, -1).filter((text) => text !== '').length);
        expect(torn !== null).toBe(between.at(-1) !== '');
      }),
    );
  });
});
