/** What a host's death means for the photos in it, and that it is on disk before anything goes on. */
import { describe, expect, it } from 'vitest';
import type { BatchStore, LostEnd } from '../../../bridge/batch/ports.ts';
import type { JournalPayload } from '../../../bridge/contract/index.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();
const crash: LostEnd = { kind: 'lost', reason: 'segfault', cause: 'crash' };
const kill: LostEnd = { kind: 'lost', reason: 'SIGKILL', cause: 'kill' };

/** A store that writes a record only once `mayWrite` lets it. */
function slowStore(mayWrite: (payload: JournalPayload) => Promise<void>) {
  return (store: BatchStore): BatchStore => ({
    ...store,
    append: async (payloads, options) => {
      for (const payload of payloads) await mayWrite(payload);
      return store.append(payloads, options);
    },
  });
}

describe('a host death', () => {
  it('is on disk before any other photo runs in the place of what was lost', async () => {
    const gate = createGate();
    const engine = await engineOf(
      createUnitOperation({
        slots: 1,
        run: (item) => (item.index === 0 && item.attempt === 1 ? crash : processed()),
      }),
      { wrapStore: slowStore(async ({ k }) => (k === 'release' ? gate.pass() : undefined)) },
    );
    const id = await start(engine, 6);
    await gate.reached(1);
    // Longer than anything that was ready to run would have taken.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engine.operation.ran).toHaveLength(1);
    gate.open();
    await ended(engine, id, 'batch_completed');
    expect(engine.operation.ran).toHaveLength(7);
  });

  it('is acknowledged to the executor only when it is on disk', async () => {
    const order: string[] = [];
    const engine = await engineOf(
      createUnitOperation({
        run: (item) =>
          item.index === 0 && item.attempt === 1
            ? { ...crash, recorded: () => void order.push('recorded') }
            : processed(),
      }),
      {
        wrapStore: (store) => ({
          ...store,
          append: async (payloads, options) => {
            const seq = await store.append(payloads, options);
            if (payloads.some(({ k }) => k === 'release')) order.push('on disk');
            return seq;
          },
        }),
      },
    );
    await ended(engine, await start(engine, 3), 'batch_completed');
    expect(order).toEqual(['on disk', 'recorded']);
  });

  it('alone makes a photo fail at once, for good: retry-failed brings the same failure and runs nothing', async () => {
    const engine = await engineOf(
      createUnitOperation({ run: (item) => (item.index === 1 ? crash : processed()) }),
    );
    const id = await start(engine, 3);
    await ended(engine, id, 'batch_completed');
    const before = await engine.api.photos(id, { limit: 10, offset: 0, status: 'failed' } as never);
    expect(JSON.stringify(before)).toContain('not by retry-failed either');
    const ran = engine.operation.ran.length;
    await engine.api.retryFailed(id, {});
    expect(engine.api.status(id)).toMatchObject({ status: 'completed', failed_count: 1 });
    expect(engine.operation.ran).toHaveLength(ran);
    const after = await engine.api.photos(id, { limit: 10, offset: 0, status: 'failed' } as never);
    expect(after).toEqual(before);
    const next = await engineOf(createUnitOperation(), { dataDir: await engine.crashCopy() });
    await next.api.retryFailed(id, {});
    expect(next.operation.ran).toEqual([]);
    expect(next.api.status(id)).toMatchObject({ failure_codes: { decoder_crash: 1 } });
  });

  it('of memory gives its own code', async () => {
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => (item.index === 1 ? { ...crash, cause: 'memory' } : processed()),
      }),
    );
    const id = await start(engine, 3);
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ failure_codes: { out_of_memory: 1 } });
    expect(engine.operation.ran.filter(({ index }) => index === 1)).toHaveLength(2);
  });

  it('by a kill from outside makes a photo run alone but counts as no crash', async () => {
    let kills = 0;
    const alone: boolean[] = [];
    const engine = await engineOf(
      createUnitOperation({
        slots: 2,
        run: (item) => {
          if (item.index !== 0) return processed();
          alone.push(item.alone ?? false);
          kills += 1;
          return kills <= 2 ? kill : processed();
        },
      }),
    );
    const id = await start(engine, 4);
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 4, failed_count: 0 });
    expect(alone).toEqual([false, true, true]);
    // No attempt was spent.
    expect(engine.operation.ran.filter(({ index }) => index === 0).map(({ attempt }) => attempt)).toEqual([
      1, 1, 1,
    ]);
  });
});

describe('a host death that nobody recorded', () => {
  it('makes what was under way run alone after the next start, and its crash there is the last', async () => {
    const gate = createGate();
    const engine = await engineOf(createUnitOperation({ slots: 2, run: () => gate.pass().then(processed) }));
    const id = await start(engine, 6);
    await gate.reached(2);
    const dataDir = await engine.crashCopy();
    gate.open();
    const cleared: string[] = [];
    const alone = new Map<number, boolean>();
    const next = await engineOf(
      createUnitOperation({
        run: (item) => {
          alone.set(item.index, item.alone ?? false);
          return item.index === 0 ? crash : processed();
        },
      }),
      { dataDir, unseenDeaths: { found: true, clear: () => void cleared.push('cleared') } },
    );
    expect(cleared).toEqual(['cleared']);
    await next.api.resume(id);
    expect(await ended(next, id, 'batch_completed')).toMatchObject({
      processed_count: 5,
      failure_codes: { decoder_crash: 1 },
    });
    expect([alone.get(0), alone.get(1), alone.get(5)]).toEqual([true, true, false]);
    expect(next.operation.ran.filter(({ index }) => index === 0)).toHaveLength(1);
  });
});
