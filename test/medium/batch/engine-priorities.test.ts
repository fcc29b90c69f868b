import { describe, expect, it } from 'vitest';
import type { TestEngine } from '../../helpers/engine.ts';
import { ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const patient = { timeout: 30_000 };

/** Photos that take a turn of the event loop each, on so many threads. */
async function engineWith(slots: number): Promise<TestEngine> {
  const run = () =>
    new Promise<ReturnType<typeof processed>>((resolve) => setImmediate(() => resolve(processed())));
  return engineOf(createUnitOperation({ slots, run }), { keepEvents: true });
}

/** How many photos of others began after this moment and before the first of `id`. */
function othersBefore(engine: TestEngine, id: string, since: number): number {
  const first = engine.operation.ran.findIndex(({ batchId }) => batchId === id);
  return first - since;
}

describe.each([1, 4])('behind a batch of 10,000 photos, on %i threads', (slots) => {
  it('one of 10 begins within two photos a thread and takes its turns; an urgent one cuts in between photos', async () => {
    const engine = await engineWith(slots);
    const large = await start(engine, 10_000);
    await engine.event((event) => event.type === 'batch_progress' && event.processed_count > 3);

    const small = await start(engine, 10);
    const since = engine.operation.ran.length;
    await ended(engine, small, 'batch_completed');
    expect(othersBefore(engine, small, since)).toBeLessThanOrEqual(2 * slots);
    const last = engine.operation.ran.findLastIndex(({ batchId }) => batchId === small);
    expect(last - since).toBeLessThanOrEqual(22 + 2 * slots);

    const urgent = await start(engine, 10, { priority: 10 });
    const asked = engine.operation.ran.length;
    await ended(engine, urgent, 'batch_completed');
    expect(othersBefore(engine, urgent, asked)).toBeLessThanOrEqual(2 * slots);
    const places = engine.operation.ran.flatMap(({ batchId }, place) => (batchId === urgent ? [place] : []));
    // One turn of the floor share may fall in between.
    expect((places.at(-1) ?? 0) - (places[0] ?? 0)).toBeLessThanOrEqual(10 + slots);
    expect(engine.api.status(large).status).toBe('running');
    await engine.api.cancel(large);
  });
});

it('the least important batch goes on beside the most important one', async () => {
  const engine = await engineWith(2);
  const high = await start(engine, 700, { priority: 10 });
  const low = await start(engine, 100, { priority: 1 });
  await ended(engine, high, 'batch_completed');
  const { ran } = engine.operation;
  const end = ran.findLastIndex(({ batchId }) => batchId === high);
  const done = ran.slice(0, end).filter(({ batchId }) => batchId === low).length;
  // Every 33rd, counted from when the second one came.
  expect(done).toBeGreaterThanOrEqual(10);
  expect(done).toBeLessThanOrEqual(30);
  await ended(engine, low, 'batch_completed');
});

it('a held batch neither advances nor saves up turns', async () => {
  const engine = await engineWith(1);
  const other = await start(engine, 4000);
  const held = await start(engine, 400);
  await engine.api.placeHold(held, { client: 'editor', reason: 'busy', lease_s: 3600 });
  await expect.poll(() => engine.api.status(held).in_flight_count, patient).toBe(0);
  const { processed_count: before } = engine.api.status(held);
  const mark = engine.api.status(other).processed_count;
  await expect.poll(() => engine.api.status(other).processed_count, patient).toBeGreaterThan(mark + 60);
  expect(engine.api.status(held).processed_count).toBe(before);
  const since = engine.operation.ran.length;
  await engine.api.liftHold(held, { client: 'editor' });
  await expect.poll(() => engine.operation.ran.length, patient).toBeGreaterThan(since + 60);
  const next = engine.operation.ran.slice(since + 4, since + 60);
  const share = next.filter(({ batchId }) => batchId === held).length / next.length;
  expect(share).toBeLessThan(0.75);
  await engine.api.cancel(other);
  await engine.api.cancel(held);
});
