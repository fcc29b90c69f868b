import { expect, it, onTestFinished } from 'vitest';
import type { Limiter } from '../../../bridge/batch/ports.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createSetClock } from '../../helpers/set-clock.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const patient = { timeout: 30_000 };

it('rate and time to go leave out the time in which all batches are held', async () => {
  const clock = createSetClock('2026-06-01T12:00:00Z');
  const listeners = new Set<() => void>();
  let hold: Limiter['hold'] = null;
  const limiter: Limiter = {
    get limit() {
      return hold === null ? 1 : 0;
    },
    capacity: 1,
    reason: null,
    get hold() {
      return hold;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const setHold = (next: Limiter['hold']): void => {
    hold = next;
    for (const listener of listeners) listener();
  };
  const gate = createGate();
  onTestFinished(() => gate.open());
  const run = async (item: { index: number }) => {
    clock.advance(1000);
    if (item.index === 8) await gate.pass();
    return processed();
  };
  const operation = createUnitOperation({ run });
  const engine = await engineOf(Object.assign(operation, { limiter }), { clock });
  const id = await start(engine, 20);
  await gate.reached(1);
  const before = engine.api.status(id);
  expect(before.photos_per_minute).toBeGreaterThan(40);

  setHold({ owner: 'battery', reason: 'low', since: clock.iso() });
  clock.advance(10 * 3_600_000);
  const held = engine.api.status(id);
  expect(held.holds).toMatchObject([{ owner: 'battery' }]);
  expect(held).toMatchObject({
    photos_per_minute: before.photos_per_minute,
    eta_seconds: before.eta_seconds,
  });
  setHold(null);
  gate.open();
  await expect.poll(() => engine.api.status(id).processed_count, patient).toBeGreaterThan(10);
  const after = engine.api.status(id);
  if (after.status === 'running') expect(after.photos_per_minute).toBeGreaterThan(40);
  expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 20 });
  expect(engine.api.status(id).photos_per_minute).toBeGreaterThan(40);
});
