import { describe, expect, it } from 'vitest';
import type { BatchStatusObject } from '../../../bridge/client/index.ts';
import {
  type BatchMap,
  mergeList,
  mergeStatus,
  toOrder,
} from '../../../bridge/dashboard/app/state/batch-map.ts';
import { addRates } from '../../../bridge/dashboard/app/state/rates.ts';

const batch = (id: string, seq: number, more: Partial<BatchStatusObject> = {}) =>
  ({ batch_id: id, seq, created_at: `2026-01-01T00:00:0${id}Z`, ...more }) as BatchStatusObject;
const mapOf = (...list: BatchStatusObject[]): BatchMap => new Map(list.map((one) => [one.batch_id, one]));

describe('what is known of a batch', () => {
  it('never goes back to an older number, and is the object that was received', () => {
    const newer = batch('1', 8);
    const now = mapOf(batch('1', 5));
    expect(mergeStatus(now, newer).get('1')).toBe(newer);
    expect(mergeStatus(mapOf(newer), batch('1', 5)).get('1')).toBe(newer);
  });

  it('is what an answer says when nothing came since the question, whatever the numbers', () => {
    const held = batch('1', 900);
    const answer = batch('1', 3);
    const known = mapOf(held);
    expect(mergeStatus(known, answer, known).get('1')).toBe(answer);
    // A frame that came meanwhile is newer than the answer when its number is.
    const frame = batch('1', 901);
    expect(mergeStatus(mapOf(frame), answer, known).get('1')).toBe(frame);
  });
});

describe('the list', () => {
  it('forgets what is gone, and keeps what is older than its page or came meanwhile', () => {
    const before = mapOf(batch('1', 1), batch('3', 1), batch('4', 1));
    const now = new Map([...before, ['6', batch('6', 1)]]);
    const listed = [batch('5', 2), batch('4', 2), batch('2', 2)];
    const whole = mergeList({ before, now, listed, isWhole: true });
    expect(toOrder(whole)).toEqual(['6', '5', '4', '2']);
    const page = mergeList({ before, now, listed, isWhole: false });
    expect(toOrder(page)).toEqual(['6', '5', '4', '2', '1']);
    expect(toOrder(mergeList({ before, now: before, listed: [], isWhole: true }))).toEqual([]);
  });
});

describe('the pace of running batches', () => {
  it('is kept for ten minutes, as it was told', () => {
    const running = mapOf(
      batch('1', 1, { status: 'running', photos_per_minute: 12 }),
      batch('2', 1, { status: 'running', photos_per_minute: null }),
      batch('3', 1, { status: 'paused', photos_per_minute: 99 }),
    );
    const once = addRates({ batches: running, rates: [] }, 1000);
    expect(once).toEqual([{ batchId: '1', points: [{ at: 1000, value: 12 }] }]);
    const twice = addRates({ batches: running, rates: once }, 3000);
    expect(twice[0]?.points).toHaveLength(2);
    expect(addRates({ batches: mapOf(), rates: twice }, 700_000)).toEqual([]);
  });
});
