import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../bridge/batch/batch.ts';
import { applyPayload } from '../../../bridge/batch/reduce.ts';
import { fromStateFile } from '../../../bridge/batch/state-file.ts';
import { type StoredResult, stateFileSchema } from '../../../bridge/contract/index.ts';

const b = 'batch_000000000001';
const at = '2026-01-01T00:00:00Z';
const done = (i: number): { k: 'done'; b: string; r: StoredResult } => ({
  k: 'done',
  b,
  r: { i, s: 'processed', a: 1, t: at, ms: 1 },
});

function runningBatch(): Batch {
  const batch = fromStateFile(
    stateFileSchema.parse({ batch_id: b, photo_ids: [1, 2, 3], status: 'running', created_at: at }),
  );
  batch.items.take();
  applyPayload(batch, { k: 'claim', b, i: 0, a: 1, n: 'a.jpg' });
  return batch;
}

describe('applying a record', () => {
  it('counts an item exactly once', () => {
    const batch = runningBatch();
    expect(applyPayload(batch, done(0))).toBe(true);
    expect(applyPayload(batch, done(0))).toBe(false);
    expect(batch.items.counts().processed).toBe(1);
  });

  it('lets no late result or claim change a cancelled batch', () => {
    const batch = runningBatch();
    applyPayload(batch, { k: 'action', b, action: 'cancel', at });
    expect(batch.items.counts()).toMatchObject({ pending: 3, in_flight: 0 });
    expect(applyPayload(batch, done(0))).toBe(false);
    expect(applyPayload(batch, { k: 'claim', b, i: 1, a: 1, n: 'b.jpg' })).toBe(false);
    expect(batch.items.counts()).toMatchObject({ pending: 3, processed: 0 });
  });

  it('ignores an action the table does not have', () => {
    const batch = runningBatch();
    expect(applyPayload(batch, { k: 'action', b, action: 'resume', at })).toBe(false);
    expect(batch.status).toBe('running');
  });

  it('blames a photo only for a host that died under it', () => {
    const batch = runningBatch();
    applyPayload(batch, { k: 'release', b, items: [0], lost: false });
    expect([batch.items.attempts(0), batch.items.crashes.size]).toEqual([0, 0]);
    applyPayload(batch, { k: 'claim', b, i: 0, a: 1, n: 'a.jpg' });
    applyPayload(batch, { k: 'release', b, items: [0], lost: true });
    expect([batch.items.attempts(0), batch.items.crashes.get(0)]).toEqual([1, 1]);
  });

  it('forgets the attempts of a retried item but never its crashes', () => {
    const batch = runningBatch();
    applyPayload(batch, { k: 'release', b, items: [0], lost: true });
    batch.items.settle(0, 'failed', 2, 'decoder_crash');
    applyPayload(batch, { k: 'action', b, action: 'complete', at });
    applyPayload(batch, { k: 'action', b, action: 'retry', at, items: [0] });
    expect(batch.status).toBe('running');
    expect([batch.items.attempts(0), batch.items.crashes.get(0)]).toEqual([0, 1]);
  });
});
