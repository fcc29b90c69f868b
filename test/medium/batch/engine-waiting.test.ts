import { describe, expect, it, onTestFinished } from 'vitest';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createSetClock } from '../../helpers/set-clock.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const patient = { timeout: 30_000 };

describe('a batch that has not begun', () => {
  it('says what it waits for now, and begins when all of it has come', async () => {
    const clock = createSetClock('2026-06-01T12:00:00Z');
    const gate = createGate();
    onTestFinished(() => gate.open());
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }), { clock });
    const first = await start(engine, 1);
    const id = await start(engine, 1, {
      depends_on: [first],
      start_at: '2026-06-01T13:00:00.000Z',
      run_window: { from: '20:00', to: '22:00', time_zone: 'UTC' },
    });
    const holds = () => engine.api.status(id).holds.map(({ owner, reason, until }) => [owner, reason, until]);
    const dependency = ['dependency', `waits for ${first}`, undefined];
    const at = '2026-06-01T20:00:00.000Z';
    /** Any change makes the engine look at all that is due. */
    const look = () => engine.api.setPriority(id, 6);
    expect(engine.api.status(id).status).toBe('pending');
    expect(holds()).toEqual([
      ['schedule', 'starts at 2026-06-01T13:00:00.000Z', '2026-06-01T13:00:00.000Z'],
      dependency,
    ]);

    clock.set('2026-06-01T13:00:00Z');
    await look();
    await expect
      .poll(holds, patient)
      .toEqual([dependency, ['schedule', `runs only from 20:00 to 22:00 UTC; that begins at ${at}`, at]]);
    clock.set('2026-06-01T20:00:00Z');
    await look();
    await expect.poll(holds, patient).toEqual([dependency]);
    expect(engine.api.status(id).status).toBe('pending');

    gate.open();
    await ended(engine, id, 'batch_completed');
    expect(engine.operation.ran.map(({ batchId }) => batchId)).toEqual([first, id]);
  });

  it('that a client holds shows that alone when the rest has come, and begins when it is lifted', async () => {
    const clock = createSetClock('2026-06-01T12:00:00Z');
    const engine = await engineOf(createUnitOperation(), { clock });
    const id = await start(engine, 1, { start_at: '2026-06-01T13:00:00.000Z' });
    await engine.api.placeHold(id, { client: 'editor', reason: 'busy', lease_s: 86_400 });
    clock.set('2026-06-01T13:00:00Z');
    await engine.api.setPriority(id, 6);
    await expect
      .poll(() => engine.api.status(id).holds.map(({ owner }) => owner), patient)
      .toEqual(['client:editor']);
    expect(engine.api.status(id).status).toBe('pending');
    await engine.api.liftHold(id, { client: 'editor' });
    await ended(engine, id, 'batch_completed');
  });

  it('keeps what it waits for out of a merge that would make it wait in vain', async () => {
    const gate = createGate();
    onTestFinished(() => gate.open());
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
    const start_at = '2099-01-01T00:00:00.000Z';
    const [a, b] = [await start(engine, 1, { start_at }), await start(engine, 2, { start_at })];
    // It waits for one of them, and the other for it: merged without it they would wait for each other.
    const between = await start(engine, 1, { depends_on: [a] });
    const last = await start(engine, 2, { depends_on: [between] });
    await expect(engine.api.merge([a, b])).rejects.toMatchObject({ code: 'conflict' });
    await expect(engine.api.merge([a, last])).rejects.toThrow(`${between} waits for ${a}`);
    for (const id of [a, b, between, last]) expect(engine.api.status(id).status).toBe('pending');
    const merged = await engine.api.merge([a, b, between, last]);
    expect(engine.api.status(merged.batch_id)).toMatchObject({ status: 'pending', start_at });
    expect(engine.api.status(merged.batch_id).depends_on).toBeUndefined();
  });
});

describe('a batch with a run window', () => {
  it('is held when it closes, until it opens', async () => {
    const clock = createSetClock('2026-06-01T12:00:00Z');
    const gate = createGate();
    onTestFinished(() => gate.open());
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }), { clock });
    const id = await start(engine, 5, { run_window: { from: '10:00', to: '14:00', time_zone: 'UTC' } });
    expect(engine.api.status(id)).toMatchObject({ status: 'running', holds: [] });
    clock.set('2026-06-01T14:00:00Z');
    await engine.api.setPriority(id, 6);
    await expect
      .poll(() => engine.api.status(id).holds, patient)
      .toMatchObject([{ owner: 'schedule', until: '2026-06-02T10:00:00.000Z' }]);
    gate.open();
    await expect.poll(() => engine.api.status(id).in_flight_count, patient).toBe(0);
    expect(engine.api.status(id).pending_count).toBe(3);
    clock.set('2026-06-02T10:00:00Z');
    await engine.api.setPriority(id, 6);
    await ended(engine, id, 'batch_completed');
  });
});
