import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { BatchStatusObject } from '../../../bridge/client/index.ts';
import { holdOwnerSchema } from '../../../bridge/contract/index.ts';
import {
  toHoldSentence,
  toLimitSentence,
  toReasons,
  toTitle,
} from '../../../bridge/dashboard/app/words/batch.ts';
import { toFileName } from '../../../bridge/dashboard/app/words/paths.ts';
import { toEtaRange, toPace, toSpan } from '../../../bridge/dashboard/app/words/time.ts';

describe('the time that is left', () => {
  it('is a range that people would say', () => {
    const said = [3, 20, 45, 100, 200, 1500, 3000, 5000, 20_000].map((seconds) => toEtaRange(seconds));
    expect(said).toEqual([
      'a few seconds',
      '10–30 s',
      '40 s – 1 min',
      '1–2 min',
      '3–4 min',
      '20–30 min',
      '45 min – 1 h',
      '1 h 15 min – 1 h 45 min',
      '5 h – 6 h 45 min',
    ]);
    expect(toEtaRange(null)).toBeNull();
  });

  it('always holds the estimate, and never has both ends alike', () => {
    fc.assert(
      fc.property(fc.double({ min: 8, max: 1e6, noNaN: true }), (seconds) => {
        const [from = '', to] = (toEtaRange(seconds) ?? '').replace('less than', '0 s – ').split(/ ?– ?/);
        const unit = / (s|min|h)$/.exec(to ?? '')?.[0] ?? '';
        const low = parse(/[a-z]/.test(from) ? from : `${from}${unit}`);
        const high = parse(to ?? '');
        expect(low).toBeLessThan(high);
        expect(low).toBeLessThanOrEqual(seconds + 30);
        expect(high).toBeGreaterThanOrEqual(seconds - 30);
      }),
    );
  });
});

function parse(text: string): number {
  const factors: Record<string, number> = { s: 1, min: 60, h: 3600 };
  let seconds = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+) (s|min|h)/g))
    seconds += Number(count) * (factors[unit] ?? 0);
  return seconds;
}

describe('a pace and a span', () => {
  it('are said in the unit that fits', () => {
    expect([null, 0.5, 7.5, 236.3, 12_345].map((pace) => toPace(pace, 'photos'))).toEqual([
      null,
      '30 photos/h',
      '7.5 photos/min',
      '236 photos/min',
      '12,345 photos/min',
    ]);
    expect([0, 59, 61, 3600, 5400].map(toSpan)).toEqual(['0 s', '59 s', '1 min', '1 h', '1 h 30 min']);
  });
});

const holdOwnerPattern = String(z.toJSONSchema(holdOwnerSchema).pattern);
const reason = 'other programs use 91 % of the CPU';
const status = {
  status: 'running',
  operation: 'develop',
  total_photos: 1200,
  holds: [],
  backoff: null,
} as unknown as BatchStatusObject;

describe('why a batch is slow', () => {
  it('is said of the limit and of every hold, and of one cause once', () => {
    expect(toLimitSentence({ limit: 1, capacity: 8, reason })).toBe(`Slowed to 1 of 8: ${reason}`);
    expect(toLimitSentence({ limit: 8, capacity: 8, reason: null })).toBeNull();
    const cpu = { owner: 'cpu', reason: `waits: ${reason}`, since: '2026-01-01T00:00:00Z' };
    const backoff = { limit: 0, capacity: 8, reason: `waits: ${reason}` };
    expect(toReasons({ ...status, backoff: { limit: 1, capacity: 8, reason } })).toEqual([
      `Slowed to 1 of 8: ${reason}`,
    ]);
    expect(toReasons({ ...status, holds: [cpu], backoff })).toHaveLength(1);
    expect(toReasons({ ...status, status: 'paused', backoff })).toEqual([]);
    expect(toReasons({ ...status, error: 'no preset' })).toEqual(['no preset']);
    const webhook = { state: 'given_up', reason: 'no answer' } as const;
    expect(toReasons({ ...status, webhook })).toEqual(['Its webhook was given up: no answer']);
  });

  it('names the program that holds it', () => {
    const hold = { owner: 'client:darktable', reason: 'an export runs', since: '2026-01-01T00:00:00Z' };
    expect(toHoldSentence(hold)).toBe('Held by darktable: an export runs');
  });

  it('has words for every owner a hold can have', () => {
    const [, owners = ''] = /^\^\((.*)\|client/.exec(holdOwnerPattern) ?? [];
    expect(owners.split('|').length).toBeGreaterThan(8);
    for (const owner of owners.split('|')) {
      const said = toHoldSentence({ owner, reason: 'so it is', since: '2026-01-01T00:00:00Z' });
      expect(said).toMatch(/^[A-Z][a-z ]+: so it is$/);
    }
  });

  it('says of a hold of its storage what it is: a disk only where photos are written', () => {
    const hold = { owner: 'storage', reason: 'a.xlsx is open in Calc', since: '2026-01-01T00:00:00Z' };
    expect(toReasons({ ...status, holds: [hold] })).toEqual(['Waits for the disk: a.xlsx is open in Calc']);
    expect(toReasons({ ...status, operation: 'listings', holds: [hold] })).toEqual([
      'Waits: a.xlsx is open in Calc',
    ]);
  });

  it('says times as the reader has them, each once', () => {
    const until = '2099-01-01T12:00:00Z';
    const said = toHoldSentence({ owner: 'schedule', reason: `starts at ${until}`, since: until, until });
    expect(said).toMatch(/^Waits for its time: starts at \d Jan 2099 \d\d:\d\d$/);
    const lease = toHoldSentence({ owner: 'client:x', reason: '', since: until, until });
    expect(lease).toMatch(/^Held by x \(until \d Jan 2099 \d\d:\d\d\)$/);
  });
});

it('a batch is called by what it has, a file by its name on any system', () => {
  expect(toTitle(status)).toBe('1,200 photos');
  expect(toTitle({ ...status, total_photos: 1, operation: 'captions' })).toBe('1 caption');
  expect(['/a/b/c.jpg', 'C:\\a\\c.jpg', null].map(toFileName)).toEqual(['c.jpg', 'c.jpg', 'unknown file']);
});
