import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Feed } from '../../../bridge/ws/feed.ts';
import { createHub } from '../../../bridge/ws/hub.ts';
import { Subscriptions } from '../../../bridge/ws/subscriptions.ts';
import { createStandIn } from '../../medium/http/stand-in.ts';

const LIMIT = 3000;
const toId = (n: number) => `batch_${String(n).padStart(12, '0')}`;
type Sent = { type: string; seq: number; batch_id?: string; status?: string };

/** A feed on `batches` whose socket takes bytes only when told to. */
function setUp({ maxEvents = 100_000 } = {}) {
  const { batches, events } = createStandIn({ maxEvents });
  for (const n of [0, 1, 2]) batches.addBatch(toId(n), 10);
  const sent: Sent[] = [];
  const sizes: number[] = [];
  const outlet = {
    buffered: 0,
    send(frame: string | Buffer) {
      sent.push(JSON.parse(String(frame)));
      outlet.buffered += frame.length;
      sizes.push(outlet.buffered);
    },
  };
  const subscriptions = new Subscriptions();
  const toSnapshot = (id: string) => JSON.stringify({ type: 'batch_snapshot', ...batches.api.status(id) });
  const feed = new Feed({
    events,
    outlet,
    subscriptions,
    maxBuffered: () => LIMIT,
    snapshotOf: toSnapshot,
    snapshots: () => [0, 1, 2].map(toId).map(toSnapshot),
    onPace: () => undefined,
  });
  const hub = createHub(events);
  const join = (channel: string) => {
    feed.settle();
    subscriptions.add(channel, events.seq);
    hub.join(channel, feed);
  };
  const read = (bytes: number) => {
    outlet.buffered = Math.max(0, outlet.buffered - bytes);
    feed.drain();
  };
  return { batches, events, feed, sent, sizes, join, read };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('progress' as const), n: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pause' as const), n: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('read' as const), n: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const), n: fc.nat(60) }) },
);
const toNumbered = (sent: readonly Sent[]) =>
  sent.filter(({ type }) => type !== 'batch_snapshot' && type !== 'resync');

describe('a feed', () => {
  it('never buffers more than its limit and one frame, or two snapshots', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const { batches, feed, sizes, join, read, events } = setUp();
        join('batches');
        for (const { do: action, n } of steps) {
          if (action === 'progress') batches.publish(toId(n), 'batch_progress', {});
          else if (action === 'pause') batches.publish(toId(n), 'batch_paused', { status: 'paused' });
          else if (action === 'read') read(n);
          else feed.replay(events.seq - n, () => true);
        }
        expect(Math.max(0, ...sizes)).toBeLessThan(LIMIT + 1000);
      }),
    );
  });

  it('sends every lifecycle event once and in order, whatever the reader does, and ends with the newest status', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const { batches, sent, join, read, events } = setUp();
        join('batches');
        const lifecycle: number[] = [];
        const last = new Map<string, number>();
        for (const { do: action, n } of steps) {
          if (action === 'progress') last.set(toId(n), batches.publish(toId(n), 'batch_progress', {}));
          else if (action === 'pause') lifecycle.push(batches.publish(toId(n), 'batch_paused', {}));
          else if (action === 'read') read(n);
        }
        for (let i = 0; i < 100; i++) read(LIMIT);
        const seqs = toNumbered(sent).map(({ seq }) => seq);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        expect(
          toNumbered(sent)
            .filter(({ type }) => type === 'batch_paused')
            .map(({ seq }) => seq),
        ).toEqual(lifecycle);
        for (const [batchId, seq] of last) {
          expect(sent.some((frame) => frame.batch_id === batchId && frame.seq >= seq)).toBe(true);
        }
        const before = sent.length;
        batches.publish(toId(0), 'batch_completed', {});
        expect(sent.slice(before)).toMatchObject([{ type: 'batch_completed', seq: events.seq }]);
      }),
    );
  });

  it('replays what was asked for completely before it goes on live, in small bites', () => {
    const { batches, feed, sent, join, read, events } = setUp();
    const since = events.seq;
    for (let n = 0; n < 50; n++) batches.publish(toId(0), 'batch_paused', {});
    join('batches');
    feed.replay(since, () => true);
    batches.publish(toId(1), 'batch_completed', {});
    expect(sent.length).toBeLessThan(20);
    for (let i = 0; i < 20; i++) read(LIMIT);
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, index) => since + 1 + index));
  });

  it('tells a reader to resync, with snapshots, when the log went on without it', () => {
    const { batches, sent, join, read } = setUp({ maxEvents: 20 });
    join('batches');
    for (let n = 0; n < 200; n++) batches.publish(toId(n % 3), 'batch_paused', {});
    for (let i = 0; i < 20; i++) read(LIMIT);
    expect(sent.slice(-4).map(({ type }) => type)).toEqual([
      'batch_snapshot',
      'batch_snapshot',
      'batch_snapshot',
      'resync',
    ]);
    batches.publish(toId(0), 'batch_completed', {});
    expect(sent.at(-1)?.type).toBe('batch_completed');
  });

  it('sends an event of two subscribed channels once', () => {
    const { batches, sent, join } = setUp();
    join('batches');
    join(`batch:${toId(0)}`);
    batches.publish(toId(0), 'batch_paused', {});
    expect(sent).toHaveLength(1);
  });
});
