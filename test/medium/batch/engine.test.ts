import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBody } from '../../helpers/engine.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

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
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
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
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
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
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
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
