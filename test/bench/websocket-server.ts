/** The product's server, event log and WebSocket hub in a process of their own, without an engine: publishes what it is told to. */
import type { EventDraft } from '../../bridge/contract/index.ts';
import { startServer } from '../medium/http/running.ts';

export type PublishOrder = { type: 'publish'; perSecond: number; count: number; photos: number };
export type ServerOrder = PublishOrder | { type: 'memory' };
export type ServerAnswer =
  | { type: 'listening'; port: number }
  | { type: 'published' }
  | { type: 'memory'; bytes: number };

const batchId = 'batch_000000000001';
/** The default patience is half a minute; here it must outlast the measurement of a client that never reads. */
const limits = { connections: 10_000, ws_patience_s: 600 };
const server = await startServer({ settings: { limits } });
server.batches.addBatch(batchId, 10);
answer({ type: 'listening', port: server.port });

process.on('message', (order: ServerOrder) => {
  if (order.type === 'publish') publish(order);
  else {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    answer({ type: 'memory', bytes: heapUsed + external });
  }
});
process.on('disconnect', () => process.exit(0));

/** One event at a time, evenly spread; late ones are caught up. */
function publish({ perSecond, count, photos }: PublishOrder): void {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, Math.ceil(((performance.now() - began) / 1000) * perSecond));
    for (; sent < due; sent += 1) server.events.publish(settled(photos));
    if (sent < count) return;
    clearInterval(timer);
    answer({ type: 'published' });
  }, 5);
}

/** What settles in a tenth of a second; its moment is told as a path, so that a reader can find it without parsing. */
function settled(photos: number): EventDraft {
  const now = performance.timeOrigin + performance.now();
  return {
    type: 'photos_settled',
    batch_id: batchId,
    photos: Array.from({ length: photos }, (_, index) => ({
      photo_id: index + 1,
      path: index === 0 ? `/sent/${now}/` : `/photos/2026/holidays/photo-${index}.jpg`,
      status: 'processed',
      attempts: 1,
      started_at: '2026-01-01T12:00:00.000Z',
      duration_ms: 812.4,
      output: {
        path: `/photos/2026/holidays/out/photo-${index}.jpg`,
        bytes: 6_123_456,
        width: 6000,
        height: 4000,
        format: 'jpeg',
        sha256: 'a'.repeat(64),
      },
      warnings: [],
    })),
  };
}

function answer(message: ServerAnswer): void {
  process.send?.(message);
}
