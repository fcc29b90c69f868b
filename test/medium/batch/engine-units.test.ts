/** Items that are no photos and go together: the engine keeps what they are, and never takes a unit apart. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startBodySchema } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { openTestEngine, type TestEngine } from '../../helpers/engine.ts';
import { createGate, ended, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

const openEngine = useEngines();
const body = (items: readonly string[]) => startBodySchema.parse({ items });
const letters = (count: number) => Array.from({ length: count }, (_, index) => `item ${index}`);

async function startItems(engine: TestEngine, count: number): Promise<string> {
  return (await engine.api.start(body(letters(count)), {})).batch_id;
}

async function resultsOf(engine: TestEngine, id: string) {
  const { photos } = await engine.api.photos(id, { limit: 1000 });
  return photos;
}

describe('units', () => {
  it('are handed out whole, in one place of the limiter, with an end for each item', async () => {
    const seen: (readonly number[])[] = [];
    const operation = createUnitOperation({
      slots: 1,
      units: [2, 1, 3],
      onUnit: (indices) => void seen.push(indices),
      run: ({ index }) => (index === 4 ? failed('rejected') : processed()),
    });
    const engine = await openEngine(operation);
    const id = await startItems(engine, 6);
    await ended(engine, id, 'batch_completed');
    expect(seen).toEqual([[0, 1], [2], [3, 4, 5]]);
    expect(engine.api.status(id)).toMatchObject({ processed_count: 5, failed_count: 1 });
    const results = await resultsOf(engine, id);
    expect(results.map(({ ref }) => ref)).toEqual(letters(6));
    expect(results.map(({ photo_id }) => photo_id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(results[4]).toMatchObject({ status: 'failed', path: null, failure: { code: 'rejected' } });
  });

  it('come back whole after a hard pause, a retry takes only what failed of them', async () => {
    const gate = createGate();
    const seen: (readonly number[])[] = [];
    let isFirst = true;
    const operation = createUnitOperation({
      slots: 1,
      units: [3, 3],
      onUnit: async (indices, signal) => {
        seen.push(indices);
        if (!isFirst) return;
        isFirst = false;
        void gate.pass();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
      run: ({ index, attempt }, signal) => {
        if (signal.aborted) return { kind: 'stopped' };
        return index === 1 && attempt === 1 && seen.length < 4 ? failed('unreachable') : processed();
      },
    });
    const engine = await openEngine(operation);
    const id = await startItems(engine, 6);
    await gate.reached(1);
    await engine.api.pause(id, { mode: 'hard' });
    await engine.api.resume(id);
    await ended(engine, id, 'batch_completed');
    expect(seen.map(String).toSorted()).toEqual(['0,1,2', '0,1,2', '3,4,5']);
    const again = engine.event(
      ({ type, seq }) => type === 'batch_completed' && seq > engine.api.status(id).seq,
    );
    await engine.api.retryFailed(id, {});
    await again;
    expect(seen.at(-1)).toEqual([1]);
    expect(engine.api.status(id)).toMatchObject({ processed_count: 6, failed_count: 0 });
  });

  it('are not begun in part while one of them cannot be claimed', async () => {
    const seen: (readonly number[])[] = [];
    let refusals = 1;
    const operation = createUnitOperation({ units: [3], onUnit: (indices) => void seen.push(indices) });
    const engine = await openEngine(operation, {
      wrapStore: (store) => ({
        ...store,
        append(payloads, options) {
          const isRefused = payloads.some((payload) => payload.k === 'claim' && payload.i === 1);
          if (!isRefused || refusals-- <= 0) return store.append(payloads, options);
          return Promise.reject(new BridgeError('disk_full', 'no room'));
        },
      }),
    });
    const id = await startItems(engine, 3);
    await ended(engine, id, 'batch_completed');
    expect(seen).toEqual([[0, 1, 2]]);
    const results = await resultsOf(engine, id);
    expect(results.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  });

  it('stay together over a crash, with what the items are', async () => {
    const gate = createGate();
    const operation = createUnitOperation({ slots: 1, units: [2, 2], onUnit: () => gate.pass() });
    const engine = await openEngine(operation);
    const id = await startItems(engine, 4);
    await gate.reached(1);
    const copy = await engine.crashCopy();
    gate.open();
    const seen: (readonly number[])[] = [];
    const reopened = await openEngine(
      createUnitOperation({ slots: 1, units: [2, 2], onUnit: (indices) => void seen.push(indices) }),
      { dataDir: copy },
    );
    expect(reopened.api.status(id).status).toBe('paused');
    await reopened.api.resume(id);
    await ended(reopened, id, 'batch_completed');
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect((await reopened.inputs.read(id, [0, 3])).get(3)).toEqual({ i: 3, v: 'item 3' });
  });

  it('of one batch run only so many at once, whatever the limiter lets', async () => {
    let most = 0;
    let now = 0;
    const operation = createUnitOperation({
      slots: 8,
      atOnce: 2,
      units: Array(20).fill(1),
      onUnit: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 1));
        now -= 1;
      },
    });
    const engine = await openEngine(operation);
    const id = await startItems(engine, 20);
    await ended(engine, id, 'batch_completed');
    expect(most).toBe(2);
  });

  it('are merged whole, without what is settled, and their files go with a cleaned-up batch', async () => {
    const seen: (readonly number[])[] = [];
    const operation = createUnitOperation({ slots: 1, units: [2, 1], onUnit: (i) => void seen.push(i) });
    const engine = await openEngine(operation);
    const later = { start_at: '2099-01-01T00:00:00Z' };
    const ids: string[] = [];
    for (const _ of [1, 2]) {
      const { batch_id } = await engine.api.start(
        startBodySchema.parse({ items: ['a', 'b', 'c'], ...later }),
        {},
      );
      ids.push(batch_id);
    }
    const merged = await engine.api.merge(ids);
    expect(merged.photo_count).toBe(6);
    const inputs = await engine.inputs.read(merged.batch_id, [0, 1, 2, 3, 4, 5]);
    expect([...inputs.values()].map(({ v }) => v)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    await engine.api.cancel(merged.batch_id);
    await engine.api.cleanup({ days_old: 0, dry_run: false });
    expect(await readdir(join(engine.dataDir, 'batch_items'))).toEqual([]);
  });
});

describe('what an operation keeps in memory', () => {
  it('is put away before the end, after a pause, and holds the end while it cannot be', async () => {
    const calls: boolean[] = [];
    let isBlocked = true;
    const gate = createGate();
    const operation = createUnitOperation({
      slots: 1,
      units: [1, 1],
      onUnit: async ([index]) => {
        if (index === 1) await gate.pass();
      },
      ready: () => (isBlocked && calls.includes(true) ? fault : null),
      rest: async ({ isOver }) => {
        calls.push(isOver);
        return isOver && isBlocked ? fault : null;
      },
    });
    const fault = {
      code: 'output_not_writable',
      message: 'the inventory is open in another program',
      stage: 'write',
      retryable: true,
    } as const;
    const engine = await openEngine(operation);
    const id = await startItems(engine, 2);
    await gate.reached(1);
    const paused = engine.api.pause(id, { mode: 'soft' });
    gate.open();
    await paused;
    await expect.poll(() => calls.length).toBeGreaterThan(0);
    await engine.api.resume(id);
    const held = await ended(engine, id, 'hold_placed');
    expect(held).toMatchObject({ hold: { owner: 'storage', reason: fault.message } });
    expect(engine.api.status(id)).toMatchObject({ status: 'running', processed_count: 2 });
    isBlocked = false;
    await ended(engine, id, 'batch_completed');
    expect(calls.at(-1)).toBe(true);
  }, 20_000);
});

it('every item of every unit is done exactly once, whatever the sizes, failures and crashes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 6 }),
      async (units, slots, crashAfter) => {
        const total = units.reduce((sum, size) => sum + size, 0);
        const starts = units.map((_, unit) => units.slice(0, unit).reduce((sum, size) => sum + size, 0));
        const unitOf = (index: number) => starts.findLastIndex((start) => start <= index);
        const seen: (readonly number[])[] = [];
        const script = { slots, units, onUnit: (indices: readonly number[]) => void seen.push(indices) };
        const first = await openTestEngine(createUnitOperation(script));
        const id = await startItems(first, total);
        let copy: string | null = null;
        if (crashAfter < units.length) {
          while (seen.length < crashAfter) await new Promise((resolve) => setImmediate(resolve));
          copy = await first.crashCopy();
        }
        await ended(first, id, 'batch_completed');
        await first.end();
        if (copy !== null) {
          const second = await openTestEngine(createUnitOperation(script), { dataDir: copy });
          if (second.api.status(id).status === 'paused') await second.api.resume(id);
          await expect.poll(() => second.api.status(id).status).toBe('completed');
          expect(second.api.status(id)).toMatchObject({ processed_count: total, failed_count: 0 });
          await second.end();
        }
        for (const indices of seen) expect(new Set(indices.map(unitOf)).size).toBe(1);
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);
