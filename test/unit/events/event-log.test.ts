import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchStatusObject, EventDraft } from '../../../bridge/contract/index.ts';
import type { LoggedEvent } from '../../../bridge/events/api.ts';
import { createEventLog, EPOCH_SIZE } from '../../../bridge/events/event-log.ts';
import { clock, createStandIn, silent } from '../../medium/http/stand-in.ts';

function setUp(options: { epoch?: number; maxEvents?: number; maxBytes?: number } = {}) {
  return createEventLog({ epoch: 1, clock, log: silent, ...options });
}

const status = (() => {
  const { batches } = createStandIn();
  batches.addBatch('batch_000000000000', 1);
  const { seq: _seq, ...rest } = batches.api.status('batch_000000000000');
  return rest as Omit<BatchStatusObject, 'seq'>;
})();
const toBatchId = (n: number) => `batch_${String(n).padStart(12, '0')}`;

function toDraft(kind: 'progress' | 'end' | 'settings' | 'photos', n: number): EventDraft {
  switch (kind) {
    case 'progress':
      return { type: 'batch_progress', ...status, batch_id: toBatchId(n) };
    case 'end':
      return { type: 'batch_completed', ...status, batch_id: toBatchId(n) };
    case 'settings':
      return { type: 'settings_changed', keys: ['x'] };
    case 'photos':
      return { type: 'photos_settled', batch_id: toBatchId(n), photos: [] };
  }
}
const drafts = fc.array(
  fc.tuple(
    fc.constantFrom('progress', 'progress', 'end', 'settings', 'photos'),
    fc.integer({ min: 0, max: 3 }),
  ),
  { maxLength: 120 },
);

describe('the event log', () => {
  it('answers all of this run for 0, and null once some of it is gone', () => {
    const log = setUp({ epoch: 3, maxEvents: 5 });
    for (let n = 0; n < 3; n += 1) log.publish(toDraft('settings', n));
    expect(log.since(0)?.map(({ event }) => event.seq - 3 * EPOCH_SIZE)).toEqual([1, 2, 3]);
    expect(log.since(1)).toBeNull();
    for (let n = 0; n < 5; n += 1) log.publish(toDraft('settings', n));
    expect(log.since(0)).toBeNull();
  });

  it('numbers from its epoch on, so numbers only grow over restarts', () => {
    const first = setUp({ epoch: 7 });
    expect(first.seq).toBe(7 * EPOCH_SIZE);
    expect(first.publish(toDraft('settings', 0))).toBe(7 * EPOCH_SIZE + 1);
    expect(setUp({ epoch: 8 }).seq).toBeGreaterThan(first.seq);
    expect(setUp({ epoch: 8 }).since(first.seq)).toBeNull();
  });

  it('serialises an event once, flat, with number and time', () => {
    const log = setUp();
    const told: LoggedEvent[] = [];
    log.subscribe((logged) => told.push(logged));
    log.publish(toDraft('end', 1));
    const [logged] = told;
    expect(JSON.parse(logged?.frame ?? '')).toEqual(logged?.event);
    expect(logged?.event).toMatchObject({ type: 'batch_completed', seq: log.seq, batch_id: toBatchId(1) });
    expect(log.since(log.seq - 1)?.[0]).toBe(logged);
  });

  it('replays everything after since but progress that a later event of the batch supersedes, or says it cannot', () => {
    const limits = fc.record({
      maxEvents: fc.integer({ min: 1, max: 60 }),
      maxBytes: fc.integer({ min: 500, max: 30_000 }),
    });
    fc.assert(
      fc.property(drafts, limits, fc.nat(130), (list, limit, back) => {
        const log = setUp(limit);
        const all: LoggedEvent[] = [];
        log.subscribe((logged) => all.push(logged));
        for (const [kind, n] of list) log.publish(toDraft(kind, n));
        const since = log.seq - back;
        const replayed = log.since(since);
        if (replayed === null) {
          expect(since).toBeLessThan(log.oldest);
          return;
        }
        expect(replayed.length).toBeLessThanOrEqual(limit.maxEvents);
        const seqs = new Set(replayed.map(({ event }) => event.seq));
        expect([...seqs]).toEqual([...seqs].sort((a, b) => a - b));
        for (const { event } of all) {
          if (event.seq <= since || seqs.has(event.seq)) continue;
          expect(event.type).toBe('batch_progress');
          const isSuperseded = replayed.some(
            (later) =>
              'status' in later.event &&
              later.event.seq > event.seq &&
              'batch_id' in event &&
              later.event.batch_id === event.batch_id,
          );
          expect(isSuperseded).toBe(true);
        }
      }),
    );
  });

  it('keeps a terminal event while there is progress to let go of', () => {
    const log = setUp({ maxEvents: 10 });
    const base = log.seq;
    log.publish(toDraft('end', 1));
    for (let n = 0; n < 1000; n++) log.publish(toDraft('progress', 2));
    const kept = log.since(base)?.map(({ event }) => event.type);
    expect(kept?.[0]).toBe('batch_completed');
    expect(kept?.length).toBeLessThanOrEqual(10);
  });

  it('answers null for numbers it never gave', () => {
    const log = setUp();
    expect(log.since(log.seq)).toEqual([]);
    expect(log.since(log.seq + 1)).toBeNull();
    expect(log.since(1)).toBeNull();
  });

  it('tells all listeners everything in order, also what a listener adds, also when one fails', () => {
    const log = setUp();
    const heard: number[][] = [[], []];
    log.subscribe(({ event }) => {
      heard[0]?.push(event.seq);
      if (event.type === 'batch_completed') log.publish(toDraft('settings', 0));
      throw new Error('a failing listener');
    });
    log.subscribe(({ event }) => heard[1]?.push(event.seq));
    const stop = log.subscribe(() => expect.unreachable());
    stop();
    log.publish(toDraft('end', 0));
    log.publish(toDraft('settings', 0));
    const base = EPOCH_SIZE;
    expect(heard).toEqual([
      [base + 1, base + 2, base + 3],
      [base + 1, base + 2, base + 3],
    ]);
  });
});
