import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTestEngine, startBody } from '../../helpers/engine.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { seedState } from '../../helpers/seed-state.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

describe('idempotency, merge, plan and cleanup', () => {
  it('answers the first batch for the same key and body, refuses another body, also after a restart', async () => {
    const engine = await engineOf(createUnitOperation());
    const body = startBody(2);
    const [a, b] = await Promise.all([
      engine.api.start(body, { idempotencyKey: 'k1' }),
      engine.api.start(body, { idempotencyKey: 'k1' }),
    ]);
    expect(a.batch_id).toBe(b.batch_id);
    await expect(engine.api.start(startBody(3), { idempotencyKey: 'k1' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
    await ended(engine, a.batch_id, 'batch_completed');
    const copy = await engine.crashCopy();
    const again = await engineOf(createUnitOperation(), { dataDir: copy });
    expect((await again.api.start(body, { idempotencyKey: 'k1' })).batch_id).toBe(a.batch_id);
  });

  it('merges what is left of paused batches into one paused batch and cancels the old ones', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ slots: 1, run: () => gate.pass().then(processed) }));
    const a = await start(engine, 3);
    const b = (await engine.api.start({ ...startBody(1), photo_ids: [3, 4, 5] }, {})).batch_id;
    await engine.api.pause(a, { mode: 'hard' });
    await engine.api.pause(b, { mode: 'hard' });
    gate.open();
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count === 1);
    const merged = await engine.api.merge([a, b]);
    expect(engine.api.status(a).status).toBe('cancelled');
    expect(engine.api.status(merged.batch_id).status).toBe('paused');
    await engine.api.resume(merged.batch_id);
    const done = await ended(engine, merged.batch_id, 'batch_completed');
    expect(done).toMatchObject({ processed_count: merged.photo_count });
    await expect(engine.api.merge([a, merged.batch_id])).rejects.toMatchObject({
      code: 'illegal_transition',
    });
  });

  it('cleans up old terminal batches only, and a dry run removes nothing', async () => {
    const gate = createGate();
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => (item.photoId === 9 ? gate.pass().then(processed) : processed()),
      }),
    );
    const old = await start(engine, 1);
    await ended(engine, old, 'batch_completed');
    const running = (await engine.api.start({ ...startBody(1), photo_ids: [9] }, {})).batch_id;
    expect(await engine.api.cleanup({ days_old: 7, dry_run: false })).toMatchObject({ cleaned_count: 0 });
    expect(await engine.api.cleanup({ days_old: 0, dry_run: true })).toMatchObject({ cleaned_count: 1 });
    expect(engine.api.list({ limit: 10 }).count).toBe(2);
    expect(await engine.api.cleanup({ days_old: 0, dry_run: false })).toEqual({
      cleaned_count: 1,
      batch_ids: [old],
    });
    expect(() => engine.api.status(old)).toThrow('Batch not found');
    await expect(readFile(join(engine.dataDir, 'batch_states', `${old}.json`))).rejects.toThrow();
    expect(engine.api.status(running).status).toBe('running');
    gate.open();
  });
});

describe('recovery', () => {
  it('brings a running batch back paused, with what was acknowledged and nothing twice', async () => {
    const gate = createGate();
    const engine = await engineOf(
      createUnitOperation({ run: (item) => (item.index >= 4 ? gate.pass().then(processed) : processed()) }),
    );
    const id = await start(engine, 8);
    await gate.reached(2);
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count === 4);
    const copy = await engine.crashCopy();
    const again = await engineOf(createUnitOperation(), { dataDir: copy });
    expect(again.api.status(id)).toMatchObject({
      status: 'paused',
      processed_count: 4,
      pending_count: 4,
      in_flight_count: 0,
    });
    const report = await again.api.recover();
    expect(report).toMatchObject({
      recovered_count: 1,
      failed_count: 0,
      batches: [{ batch_id: id, remaining_count: 4 }],
    });
    expect(report.batches[0]?.in_flight_count).toBeGreaterThanOrEqual(2);
    expect((await again.api.recover()).recovered_count).toBe(0);
    await again.api.resume(id);
    await ended(again, id, 'batch_completed');
    expect(again.operation.ran.map((run) => run.index).sort()).toEqual([4, 5, 6, 7]);
    const { photos } = await again.api.photos(id, { limit: 100 });
    expect(photos.every((photo) => photo.attempts === 1 && photo.status === 'processed')).toBe(true);
    gate.open();
  });

  it('adopts outputs that were finished when the daemon died', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const id = await start(engine, 2);
    await gate.reached(2);
    const copy = await engine.crashCopy();
    const again = await engineOf(createUnitOperation({ adopt: (item) => item.index === 0 }), {
      dataDir: copy,
    });
    expect(again.api.status(id)).toMatchObject({ processed_count: 1, pending_count: 1 });
    gate.open();
  });

  it('picks up a state file in the original form, whatever its status, and quarantines a corrupt one', async () => {
    const first = await openTestEngine(createUnitOperation());
    await first.end();
    const folder = join(first.dataDir, 'batch_states');
    await mkdir(folder, { recursive: true });
    const seed = {
      ...seedState,
      status: 'running',
      created_at: '2025-11-09T10:00:00',
      paused_at: null,
      config: null,
      note: 'kept',
    };
    await writeFile(join(folder, 'batch_abc123def456.json'), JSON.stringify(seed, null, 2));
    await writeFile(join(folder, 'batch_000000000000.json'), '{"batch_id": "batch_0000');
    const engine = await engineOf(createUnitOperation(), { dataDir: first.dataDir });
    expect(engine.api.status('batch_abc123def456')).toMatchObject({
      status: 'paused',
      processed_count: 3,
      pending_count: 2,
    });
    const report = await engine.api.recover();
    expect(report).toMatchObject({ recovered_count: 1, failed_count: 1 });
    expect(report.quarantined[0]?.file).toContain('batch_000000000000.json');
    await engine.api.resume('batch_abc123def456');
    await ended(engine, 'batch_abc123def456', 'batch_completed');
    expect(engine.operation.ran.map((run) => run.index)).toEqual([3, 4]);
    const file = JSON.parse(await readFile(join(folder, 'batch_abc123def456.json'), 'utf8'));
    expect(file).toMatchObject({ note: 'kept', task_ids: ['task1', 'task2'], status: 'completed' });
  });
});
