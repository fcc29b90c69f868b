import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock, ClockJump } from '../../../bridge/batch/ports.ts';
import { systemClock } from '../../../bridge/resources/clock.ts';
import { startBody } from '../../helpers/engine.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The wall clock a test sets; the monotonic one goes on as ever. */
function createSetClock() {
  let offset = 0;
  const jumps: ClockJump[] = [];
  const wallMs = () => systemClock.wallMs() + offset;
  const clock: Clock = { ...systemClock, wallMs, iso: () => new Date(wallMs()).toISOString() };
  return {
    clock,
    clockHistory: { jumps: () => jumps },
    set(byMs: number) {
      if (byMs > 0) jumps.push({ from: wallMs(), to: wallMs() + byMs });
      offset += byMs;
    },
  };
}

describe.each([
  ['forward by 400 days', 400 * DAY],
  ['back by 3 hours', -3 * HOUR],
] as const)('a clock set %s', (_what, by) => {
  it('makes nothing old for cleanup, while days_old 0 removes what has ended', async () => {
    const set = createSetClock();
    const engine = await engineOf(createUnitOperation(), set);
    const id = await start(engine, 2);
    await ended(engine, id, 'batch_completed');
    set.set(by);
    expect(await engine.api.cleanup({ days_old: 7, dry_run: false })).toMatchObject({ cleaned_count: 0 });
    expect(await engine.api.cleanup({ days_old: 0, dry_run: false })).toEqual({
      cleaned_count: 1,
      batch_ids: [id],
    });
  });

  it('keeps an idempotency key of before, also over a restart', async () => {
    const set = createSetClock();
    const engine = await engineOf(createUnitOperation(), set);
    const first = await engine.api.start(startBody(2), { idempotencyKey: 'mine' });
    await ended(engine, first.batch_id, 'batch_completed');
    set.set(by);
    expect(await engine.api.start(startBody(2), { idempotencyKey: 'mine' })).toEqual(first);
    const again = await engineOf(createUnitOperation(), { ...set, dataDir: await engine.crashCopy() });
    expect(await again.api.start(startBody(2), { idempotencyKey: 'mine' })).toEqual(first);
    await expect(again.api.start(startBody(3), { idempotencyKey: 'mine' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
  });

  it('neither ends a lease before its time nor lengthens it', async () => {
    const set = createSetClock();
    const gate = createGate();
    onTestFinished(() => gate.open());
    const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }), set);
    const id = await start(engine, 2);
    const placed = performance.now();
    await engine.api.placeHold(id, { client: 'editor', reason: 'busy', lease_s: 0.6 });
    set.set(by);
    // Any change makes the engine look at all that is due.
    expect(await engine.api.setPriority(id, 7)).toMatchObject({ holds: [{ owner: 'client:editor' }] });
    await engine.event((event) => event.type === 'hold_lifted');
    expect(performance.now() - placed).toBeGreaterThan(590);
    expect(engine.api.status(id).holds).toEqual([]);
    gate.open();
    await ended(engine, id, 'batch_completed');
  });

  it('keeps the order of batches over a restart', async () => {
    const set = createSetClock();
    const engine = await engineOf(createUnitOperation(), set);
    const ids = [await start(engine, 1), await start(engine, 1)];
    await ended(engine, ids[1] ?? '', 'batch_completed');
    set.set(by);
    ids.push(await start(engine, 1), await start(engine, 1));
    await ended(engine, ids[3] ?? '', 'batch_completed');
    const listed = (list: typeof engine) =>
      list.api.list({ limit: 9 }).batches.map(({ batch_id }) => batch_id);
    expect(listed(engine)).toEqual(ids.toReversed());
    // As a crash leaves it, where some are in the journal alone, and after a stop, where all have their state files.
    const crashed = await engineOf(createUnitOperation(), { ...set, dataDir: await engine.crashCopy() });
    expect(listed(crashed)).toEqual(ids.toReversed());
    await crashed.end();
    const stopped = await engineOf(createUnitOperation(), { ...set, dataDir: crashed.dataDir });
    expect(listed(stopped)).toEqual(ids.toReversed());
  });

  it('leaves progress, rate and time to go as they are', async () => {
    const set = createSetClock();
    const gate = createGate();
    onTestFinished(() => gate.open());
    const engine = await engineOf(
      createUnitOperation({ run: (item) => (item.index < 6 ? processed() : gate.pass().then(processed)) }),
      set,
    );
    const id = await start(engine, 8);
    await gate.reached(2);
    const before = engine.api.status(id);
    set.set(by);
    const after = engine.api.status(id);
    expect(after).toMatchObject({ processed_count: before.processed_count, progress_percent: 75 });
    expect(after.eta_seconds ?? 0).toBeLessThan(3600);
    gate.open();
    await ended(engine, id, 'batch_completed');
    const numbers = engine.events.map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

it('a clock whose jumps nobody knows would make a fresh batch old', async () => {
  const set = createSetClock();
  const engine = await engineOf(createUnitOperation(), { clock: set.clock });
  await ended(engine, await start(engine, 2), 'batch_completed');
  set.set(400 * DAY);
  expect(await engine.api.cleanup({ days_old: 7, dry_run: true })).toMatchObject({ cleaned_count: 1 });
});
