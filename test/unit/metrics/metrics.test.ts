import { describe, expect, it, onTestFinished } from 'vitest';
import type { BatchStatusObject, BridgeEvent, Hold } from '../../../bridge/contract/index.ts';
import type { LoggedEvent } from '../../../bridge/events/api.ts';
import { createMetrics } from '../../../bridge/metrics/metrics.ts';
import { createStatus } from '../../helpers/statuses.ts';

function setUp() {
  const metrics = createMetrics('1.2.3');
  onTestFinished(() => metrics.close());
  const kept: BatchStatusObject[] = [];
  const listeners = new Set<(logged: LoggedEvent) => void>();
  let asked = 0;
  const host = { starts: 3, restarts: 1, rss: 5e6 as number | null };
  const limiter = { limit: 2, capacity: 8, hold: null as Hold | null };
  const sockets = { size: 4, dropped: { slow: 1, silent: 2 } };
  const watch = () =>
    metrics.watch({
      events: {
        subscribe(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      batches: {
        list({ status, limit, cursor }) {
          asked += 1;
          const all = kept.filter((batch) => batch.status === status);
          const from = Number(cursor ?? 0);
          const next = from + limit < all.length ? { next_cursor: String(from + limit) } : {};
          return { batches: all.slice(from, from + limit), count: all.length, ...next };
        },
      },
      limiter,
      host: { ...host, hostRssBytes: () => host.rss },
      sockets,
      isReadOnly: () => true,
    });
  const publish = (event: Record<string, unknown>) => {
    for (const tell of listeners) tell({ event: event as BridgeEvent, frame: '' });
  };
  const lines = async () =>
    (await metrics.read()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { metrics, kept, watch, publish, lines, listeners, asked: () => asked, host };
}
const hold = (owner: string): Hold => ({ owner, reason: 'so', since: '2026-01-01T00:00:00Z' });

describe('metrics', () => {
  it('show batches, queue, holds and limit as they are at the moment of the reading', async () => {
    const { kept, watch, lines } = setUp();
    watch();
    for (let count = 0; count < 1500; count++)
      kept.push(createStatus({ status: 'paused', pending_count: 2, in_flight_count: 0, holds: [] }));
    kept.push(
      createStatus({
        status: 'running',
        pending_count: 10,
        in_flight_count: 2,
        holds: [hold('cpu'), hold('client:a'), hold('client:b')],
      }),
    );
    const first = await lines();
    expect(first).toContain('photo_bridge_batches{status="paused"} 1500');
    expect(first).toContain('photo_bridge_photos_pending{status="paused"} 3000');
    expect(first).toContain('photo_bridge_photos_pending{status="running"} 10');
    expect(first).toContain('photo_bridge_photos_in_flight 2');
    expect(first).toContain('photo_bridge_batches_held{owner="cpu"} 1');
    expect(first).toContain('photo_bridge_batches_held{owner="client"} 1');
    expect(first).toContain('photo_bridge_limit 2');
    expect(first).toContain('photo_bridge_capacity 8');
    expect(first).toContain('photo_bridge_read_only 1');
    expect(first).toContain('photo_bridge_host_starts_total 3');
    expect(first).toContain('photo_bridge_host_deaths_total 1');
    expect(first).toContain('photo_bridge_host_resident_memory_bytes 5000000');
    expect(first).toContain('photo_bridge_websocket_clients_dropped_total{reason="silent"} 2');
    kept.length = 0;
    const second = await lines();
    expect(second).toContain('photo_bridge_batches{status="paused"} 0');
    expect(second).toContain('photo_bridge_photos_in_flight 0');
    expect(second).toContain('photo_bridge_batches_held{owner="cpu"} 0');
    expect(second).toContain('photo_bridge_host_starts_total 3');
  });

  it('count photos by outcome and failure as they settle', async () => {
    const { watch, publish, lines } = setUp();
    watch();
    const photos = [
      { photo_id: 1, status: 'processed', duration_ms: 400 },
      { photo_id: 2, status: 'skipped', duration_ms: 1 },
      { photo_id: 3, status: 'failed', duration_ms: 70_000, failure: { code: 'timeout' } },
    ];
    publish({ type: 'photos_settled', batch_id: 'batch_0123456789ab', photos });
    publish({ type: 'batch_completed', batch_id: 'batch_0123456789ab' });
    const now = await lines();
    expect(now).toContain('photo_bridge_photos_total{outcome="processed"} 1');
    expect(now).toContain('photo_bridge_photos_total{outcome="failed"} 1');
    expect(now).toContain('photo_bridge_photo_failures_total{code="timeout"} 1');
    expect(now).toContain('photo_bridge_photo_duration_seconds_bucket{le="60",outcome="failed"} 0');
    expect(now).toContain('photo_bridge_photo_duration_seconds_bucket{le="120",outcome="failed"} 1');
    expect(now).toContain('photo_bridge_batches_ended_total{status="completed"} 1');
  });

  it('take no label from outside, whatever is asked for and however a batch is called', async () => {
    const { metrics, kept, watch, publish, lines } = setUp();
    watch();
    const { meters } = metrics;
    const before = (await lines()).length;
    for (let count = 0; count < 500; count++) {
      meters.onAnswered({ method: `M${count}`, route: null, status: 404, milliseconds: 1 });
      kept.push(
        createStatus({ batch_id: `batch_${count}`, status: 'running', holds: [hold(`client:${count}`)] }),
      );
      publish({
        type: 'photos_settled',
        batch_id: `batch_${count}`,
        photos: [{ photo_id: count, path: `/p/${count}`, status: 'processed', duration_ms: count }],
      });
    }
    const after = await lines();
    // One histogram of answers (method "other", route "none") and one of durations came to be; and the event loop's three.
    expect(after.length - before).toBeLessThanOrEqual(12 + 14 + 3);
    expect(after.join('\n')).not.toMatch(/batch_\d|client:|\/p\/|M\d/);
    expect(after).toContain(
      'photo_bridge_http_request_duration_seconds_count{method="other",route="none",status="404"} 500',
    );
  });

  it('look at nothing while nobody reads them, and let go of everything at the end', async () => {
    const { metrics, watch, publish, asked, lines, listeners } = setUp();
    watch();
    publish({ type: 'batch_progress', batch_id: 'batch_0123456789ab' });
    metrics.meters.onJournalWrite({ records: 3, milliseconds: 2 });
    metrics.meters.onSnapshotSaved(2);
    expect(asked()).toBe(0);
    expect(await lines()).toContain('photo_bridge_journal_records_total 3');
    expect(asked()).toBeGreaterThan(0);
    metrics.close();
    expect(listeners.size).toBe(0);
  });

  it('can be read before there is anything to show', async () => {
    const { lines } = setUp();
    expect((await lines()).some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true);
  });
});
