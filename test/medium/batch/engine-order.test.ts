import { describe, expect, it } from 'vitest';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

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
