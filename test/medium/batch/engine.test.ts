import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestEngine, startBody, type TestEngine } from '../../helpers/engine.ts';
import { createUnitOperation, failed, processed, type UnitOperation } from '../../helpers/unit-operation.ts';

const open: TestEngine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.end();
});
async function engineOf(
  operation: UnitOperation,
  options: Parameters<typeof openTestEngine>[1] = {},
): Promise<TestEngine> {
  const engine = await openTestEngine(operation, options);
  open.push(engine);
  return engine;
}
const start = async (
  engine: TestEngine,
  count: number,
  more: Record<string, unknown> = {},
): Promise<string> => (await engine.api.start(startBody(count, more), {})).batch_id;
const ended = (engine: TestEngine, id: string, type: string) =>
  engine.event((event) => event.type === type && 'batch_id' in event && event.batch_id === id);

/** A gate that items wait at until it opens. */
function createGate() {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let waiting = 0;
  return {
    open: opened.resolve,
    reached: (count: number) => (waiting >= count ? Promise.resolve() : reached.promise),
    async pass(count = 1) {
      waiting += 1;
      if (waiting >= count) reached.resolve();
      await opened.promise;
    },
  };
}

describe('a batch from start to end', () => {
  it('processes every item once and completes at exactly 100 percent', async () => {
    const engine = await engineOf(createUnitOperation());
    const id = await start(engine, 25);
    const event = await ended(engine, id, 'batch_completed');
    expect(event).toMatchObject({
      status: 'completed',
      processed_count: 25,
      failed_count: 0,
      progress_percent: 100,
    });
    expect(engine.operation.ran.map((run) => run.index).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
    expect(engine.operation.maxRunning).toBeLessThanOrEqual(2);
  });

  it('counts duplicate ids once and keeps their order', async () => {
    const engine = await engineOf(createUnitOperation());
    const { batch_id, photo_count } = await engine.api.start(
      { ...startBody(1), photo_ids: [7, 3, 7, 3, 9] },
      {},
    );
    expect(photo_count).toBe(3);
    await ended(engine, batch_id, 'batch_completed');
    const { photos } = await engine.api.photos(batch_id, { limit: 10 });
    expect(photos.map((photo) => photo.photo_id)).toEqual([7, 3, 9]);
  });

  it('answers a start only when the batch is in its state file and journal', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const id = await start(engine, 3, { session_id: 123, config: { preset: 'WhiteLayer_v4', blend: 60 } });
    const file = JSON.parse(await readFile(join(engine.dataDir, 'batch_states', `${id}.json`), 'utf8'));
    expect(file).toMatchObject({
      batch_id: id,
      session_id: 123,
      photo_ids: [1, 2, 3],
      status: 'running',
      config: { preset: 'WhiteLayer_v4', blend: 60 },
      task_ids: [],
    });
    gate.open();
    await ended(engine, id, 'batch_completed');
    const after = JSON.parse(await readFile(join(engine.dataDir, 'batch_states', `${id}.json`), 'utf8'));
    expect(after).toMatchObject({ status: 'completed', processed_photo_ids: [1, 2, 3], processed_count: 3 });
  });

  it('ends completed with some failed, failed with a reason when none succeeded', async () => {
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => (item.photoId % 2 === 0 ? failed('damaged_image') : processed()),
      }),
    );
    const some = await start(engine, 4);
    expect(await ended(engine, some, 'batch_completed')).toMatchObject({
      processed_count: 2,
      failed_count: 2,
      failure_codes: { damaged_image: 2 },
    });
    const { batch_id: none } = await engine.api.start({ ...startBody(1), photo_ids: [2, 4] }, {});
    const event = await ended(engine, none, 'batch_failed');
    expect(event).toMatchObject({ status: 'failed', error: 'none of 2 photos could be processed' });
  });

  it('tries a retryable failure again by itself, at most three attempts in all, and others never', async () => {
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => failed(item.photoId === 1 ? 'internal' : 'not_an_image', item.photoId === 1),
      }),
      { settings: { retry: { attempts: 3, first_delay_s: 0.001 } } },
    );
    const id = await start(engine, 2);
    await ended(engine, id, 'batch_failed');
    const { photos } = await engine.api.photos(id, { limit: 10 });
    expect(photos.map((photo) => [photo.attempts, photo.failure?.code])).toEqual([
      [3, 'internal'],
      [1, 'not_an_image'],
    ]);
  });

  it('retries only the failed items, by code if asked', async () => {
    let broken = true;
    const engine = await engineOf(
      createUnitOperation({
        run: (item) =>
          broken && item.photoId > 2 ? failed(item.photoId === 3 ? 'timeout' : 'damaged_image') : processed(),
      }),
    );
    const id = await start(engine, 4);
    await ended(engine, id, 'batch_completed');
    broken = false;
    await engine.api.retryFailed(id, { codes: ['timeout'] });
    await engine.api.waitForChange(id, engine.events.at(-1)?.seq ?? 0, 5000);
    await engine.event((event) => event.type === 'batch_completed' && event.processed_count === 3);
    expect(engine.api.status(id)).toMatchObject({ processed_count: 3, failed_count: 1 });
    expect(engine.operation.ran).toHaveLength(5);
    await expect(engine.api.retryFailed(id, { codes: ['timeout'] })).rejects.toThrow(
      /no photo of this batch failed with timeout/,
    );
  });
});

describe('pause, resume and cancel', () => {
  it('pauses at once, finishes only what runs, and resumes with only what is left', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass(2).then(processed) }));
    const id = await start(engine, 10);
    await gate.reached(2);
    const paused = await engine.api.pause(id, { mode: 'soft' });
    expect(paused).toMatchObject({ status: 'paused', in_flight_count: 2, holds: [{ owner: 'user' }] });
    gate.open();
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count === 2);
    expect(engine.api.status(id)).toMatchObject({
      status: 'paused',
      processed_count: 2,
      pending_count: 8,
      in_flight_count: 0,
    });
    expect(await engine.api.resume(id)).toMatchObject({ status: 'running', paused_at: null });
    await ended(engine, id, 'batch_completed');
    expect(engine.operation.ran).toHaveLength(10);
  });

  it('a hard pause stops what runs and gives it back without a spent attempt', async () => {
    const engine = await engineOf(
      createUnitOperation({
        run: (item, signal) =>
          item.attempt === 1 && engineStopped === false
            ? new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'stopped' })))
            : processed(),
      }),
    );
    let engineStopped = false;
    const id = await start(engine, 4);
    await engine.api.waitForChange(id, 0, 10);
    const paused = await engine.api.pause(id, { mode: 'hard' });
    expect(paused).toMatchObject({ status: 'paused', processed_count: 0 });
    engineStopped = true;
    await engine.api.resume(id);
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 4 });
    const { photos } = await engine.api.photos(id, { limit: 10 });
    expect(photos.every((photo) => photo.attempts === 1)).toBe(true);
  });

  it('cancel is final: running items go back to pending and late results change nothing', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass(2).then(processed) }));
    const id = await start(engine, 5);
    await gate.reached(2);
    const cancelled = await engine.api.cancel(id);
    expect(cancelled).toMatchObject({ status: 'cancelled', pending_count: 5, in_flight_count: 0 });
    expect(cancelled.completed_at).not.toBeNull();
    gate.open();
    const next = await start(engine, 1);
    await ended(engine, next, 'batch_completed');
    expect(engine.api.status(id)).toMatchObject({
      status: 'cancelled',
      processed_count: 0,
      pending_count: 5,
    });
    await expect(engine.api.resume(id)).rejects.toMatchObject({ code: 'illegal_transition' });
    await expect(engine.api.cancel(id)).rejects.toMatchObject({
      extensions: { batch_status: 'cancelled', allowed_actions: [] },
    });
  });

  it('resume with nothing left completes the batch', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass(2).then(processed) }));
    const id = await start(engine, 2);
    await gate.reached(2);
    await engine.api.pause(id, { mode: 'soft' });
    gate.open();
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count === 2);
    expect(await engine.api.resume(id)).toMatchObject({ status: 'completed', progress_percent: 100 });
  });

  it('a pause for a time ends by itself', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const id = await start(engine, 3);
    await engine.api.pause(id, { mode: 'soft', until: new Date(Date.now() + 50).toISOString() });
    gate.open();
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 3 });
  });
});

describe('holds, schedules and dependencies', () => {
  it('a client hold stops handing out until its lease ends, whatever else is lifted', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ slots: 1, run: () => gate.pass().then(processed) }));
    const id = await start(engine, 3);
    const held = await engine.api.placeHold(id, { client: 'lightroom', reason: 'exporting', lease_s: 0.2 });
    expect(held).toMatchObject({
      status: 'running',
      holds: [{ owner: 'client:lightroom', reason: 'exporting' }],
    });
    await engine.api.liftHold(id, { client: 'someone else' });
    expect(engine.api.status(id).holds).toHaveLength(1);
    gate.open();
    await ended(engine, id, 'hold_lifted');
    await ended(engine, id, 'batch_completed');
  });

  it('waits for its start time and for the batches it depends on', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const first = await start(engine, 1);
    const later = await start(engine, 1, {
      depends_on: [first],
      start_at: new Date(Date.now() + 30).toISOString(),
    });
    expect(engine.api.status(later)).toMatchObject({
      status: 'pending',
      holds: [{ owner: 'schedule' }, { owner: 'dependency' }],
    });
    gate.open();
    await ended(engine, later, 'batch_completed');
    const order = engine.operation.ran.map((run) => run.batchId);
    expect(order).toEqual([first, later]);
  });

  it('fails a batch whose dependency was cancelled', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const first = await start(engine, 1);
    const later = await start(engine, 1, { depends_on: [first] });
    await engine.api.cancel(first);
    expect(await ended(engine, later, 'batch_failed')).toMatchObject({
      error: `depends_on: ${first} is cancelled`,
    });
    gate.open();
  });

  it('holds the batch when the storage fails instead of failing its photos, and goes on by itself', async () => {
    let isGone = false;
    let isHealed = false;
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => {
          isGone ||= item.index === 2 && !isHealed;
          return isGone ? failed('output_full', true) : processed();
        },
        ready: () =>
          isGone
            ? { code: 'output_full', message: 'the disk is full', stage: 'write', retryable: true }
            : null,
      }),
    );
    const id = await start(engine, 5);
    await ended(engine, id, 'hold_placed');
    expect(engine.api.status(id)).toMatchObject({
      status: 'running',
      failed_count: 0,
      holds: [{ owner: 'storage' }],
    });
    isGone = false;
    const healed = engine.operation.ran.length;
    expect(healed).toBeLessThanOrEqual(5);
    isHealed = true;
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 5, failed_count: 0 });
  });
});

describe('fairness between batches', () => {
  it('starts a small batch within two photos behind a large one, and lets an urgent one cut in', async () => {
    const engine = await engineOf(
      createUnitOperation({
        slots: 1,
        run: () => new Promise((resolve) => setImmediate(() => resolve(processed()))),
      }),
    );
    const large = await start(engine, 400);
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count > 3);
    const small = await start(engine, 10);
    const before = engine.operation.ran.length;
    await ended(engine, small, 'batch_completed');
    const first = engine.operation.ran.findIndex((run) => run.batchId === small);
    const last = engine.operation.ran.findLastIndex((run) => run.batchId === small);
    expect(first - before).toBeLessThanOrEqual(2);
    expect(last - first).toBeLessThanOrEqual(22);
    const urgent = await start(engine, 10, { priority: 10 });
    await ended(engine, urgent, 'batch_completed');
    const ran = engine.operation.ran;
    const urgentFirst = ran.findIndex((run) => run.batchId === urgent);
    const urgentLast = ran.findLastIndex((run) => run.batchId === urgent);
    expect(urgentLast - urgentFirst).toBeLessThanOrEqual(11);
    await engine.api.cancel(large);
  });
});

describe('host deaths', () => {
  it('runs suspects alone, fails only the guilty one after two crashes, and never retries it by itself', async () => {
    const alone: boolean[] = [];
    const operation = createUnitOperation({
      slots: 3,
      run: async (item) => {
        if (item.photoId === 2) {
          if (item.attempt > 1) alone.push(operation.running === 1);
          return { kind: 'lost', reason: 'segfault' };
        }
        if (item.photoId === 3 && item.attempt === 1) return { kind: 'lost', reason: 'segfault' };
        return processed();
      },
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 8);
    const event = await ended(engine, id, 'batch_completed');
    expect(event).toMatchObject({ processed_count: 7, failed_count: 1, failure_codes: { decoder_crash: 1 } });
    expect(alone).toEqual([true]);
    expect(operation.ran.filter((run) => run.index === 1)).toHaveLength(2);
  });
});

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
      createUnitOperation({ run: (item) => (item.index >= 4 ? gate.pass(2).then(processed) : processed()) }),
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
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass(2).then(processed) }));
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
      batch_id: 'batch_abc123def456',
      session_id: 123,
      photo_ids: [1, 2, 3, 4, 5],
      processed_photo_ids: [1, 2, 3],
      failed_photo_ids: [],
      status: 'running',
      created_at: '2025-11-09T10:00:00',
      started_at: '2025-11-09T10:00:05Z',
      paused_at: null,
      completed_at: null,
      total_photos: 5,
      processed_count: 3,
      failed_count: 0,
      config: null,
      task_ids: ['task1', 'task2'],
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
