import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BatchStore } from '../../../bridge/batch/ports.ts';
import type { Failure } from '../../../bridge/contract/index.ts';
import { openTestEngine } from '../../helpers/engine.ts';
import { ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

/** An operation whose items never end by themselves, and what has happened when `count` of them run. */
function createStuckOperation(count: number) {
  const running = Promise.withResolvers<void>();
  let waiting = 0;
  const operation = createUnitOperation({
    slots: count,
    run: (_item, signal) => {
      waiting += 1;
      if (waiting === count) running.resolve();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'stopped' }));
      });
    },
  });
  return { operation, running: running.promise };
}

describe('after a crash', () => {
  it('what a cancelled batch had under way is taken back', async () => {
    const isClosing = Promise.withResolvers<void>();
    const { operation, running } = createStuckOperation(2);
    const { open: openRun } = operation;
    operation.open = (batch) => ({ ...openRun(batch), discard: () => isClosing.promise });
    const engine = await engineOf(operation);
    const id = await start(engine, 2);
    await running;
    await engine.api.cancel(id);
    const again = await engineOf(createUnitOperation({ adopt: () => true }), {
      dataDir: await engine.crashCopy(),
    });
    isClosing.resolve();
    expect(again.operation.discarded.sort()).toEqual([`${id}:0`, `${id}:1`]);
    expect(again.api.status(id)).toMatchObject({ status: 'cancelled', processed_count: 0, pending_count: 2 });
    const later = await engineOf(createUnitOperation(), { dataDir: await again.crashCopy() });
    expect(later.operation.discarded).toEqual([]);
  });

  it('outputs on a drive that is away are adopted when it is back, not made again', async () => {
    const { operation, running } = createStuckOperation(2);
    const engine = await engineOf(operation);
    const id = await start(engine, 3);
    await running;
    let isAway = true;
    const away: Failure = {
      code: 'output_not_writable',
      message: 'the drive is away',
      stage: 'write',
      retryable: true,
    };
    const again = await engineOf(
      createUnitOperation({
        ready: () => (isAway ? away : null),
        adopt: (item) => !isAway && item.index < 2,
      }),
      { dataDir: await engine.crashCopy() },
    );
    expect(again.api.status(id)).toMatchObject({ status: 'paused', pending_count: 3 });
    expect(await again.api.resume(id)).toMatchObject({ status: 'running', pending_count: 3 });
    await ended(again, id, 'hold_placed');
    isAway = false;
    await ended(again, id, 'batch_completed');
    expect(again.operation.ran.map((run) => run.index)).toEqual([2]);
  });

  it('a state file of a later version stays untouched, though the journal knows the batch', async () => {
    const engine = await engineOf(createUnitOperation());
    const id = await start(engine, 2);
    await ended(engine, id, 'batch_completed');
    const dataDir = await engine.crashCopy();
    const path = join(dataDir, 'batch_states', `${id}.json`);
    const newer = `{"_schema": 99, "batch_id": "${id}"}`;
    await writeFile(path, newer);
    const again = await engineOf(createUnitOperation(), { dataDir });
    expect(again.api.list({ limit: 10 }).count).toBe(0);
    await again.end();
    expect(await readFile(path, 'utf8')).toBe(newer);
  });
});

describe('a state disk that refuses', () => {
  const withAppend =
    (isRefused: (kind: string) => boolean) =>
    (store: BatchStore): BatchStore => ({
      ...store,
      append: async (payloads) => {
        if (payloads.some((payload) => isRefused(payload.k))) throw new Error('EROFS: read-only file system');
        return store.append(payloads);
      },
    });

  it('at start leaves everything readable, and a later recover brings to rest what was left', async () => {
    const { operation, running } = createStuckOperation(2);
    const engine = await engineOf(operation);
    const id = await start(engine, 3);
    await running;
    let isRefused = true;
    const again = await engineOf(createUnitOperation({ adopt: (item) => item.index === 0 }), {
      dataDir: await engine.crashCopy(),
      wrapStore: withAppend(() => isRefused),
    });
    expect(again.api.status(id)).toMatchObject({ status: 'running', pending_count: 3 });
    expect(again.operation.ran).toEqual([]);
    isRefused = false;
    expect(await again.api.recover()).toMatchObject({ batches: [{ batch_id: id, remaining_count: 3 }] });
    await again.api.resume(id);
    expect(await ended(again, id, 'batch_completed')).toMatchObject({ processed_count: 3 });
    expect(again.operation.ran.map((run) => run.index).sort()).toEqual([1, 2]);
  });

  it('at start and works later lets the batches come to rest by themselves', async () => {
    const { operation, running } = createStuckOperation(2);
    const engine = await engineOf(operation);
    const id = await start(engine, 3);
    await running;
    let isRefused = true;
    const listeners = new Set<() => void>();
    const refusal = { code: 'read_only', reason: 'EROFS', since: '2026-01-01T00:00:00.000Z' } as const;
    const again = await engineOf(createUnitOperation(), {
      dataDir: await engine.crashCopy(),
      wrapStore: (store) => ({
        ...withAppend(() => isRefused)(store),
        readOnly: () => (isRefused ? refusal : null),
        onReadOnlyChange: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      }),
    });
    expect(again.api.status(id)).toMatchObject({ status: 'running', pending_count: 3 });
    isRefused = false;
    for (const listener of listeners) listener();
    expect(await ended(again, id, 'batch_recovered')).toMatchObject({ status: 'paused', pending_count: 3 });
    expect(listeners.size).toBe(0);
  });

  it('until the very stop keeps finished outputs for the next start', async () => {
    const refused = Promise.withResolvers<void>();
    const engine = await openTestEngine(createUnitOperation(), {
      wrapStore: withAppend((kind) => {
        if (kind === 'done') refused.resolve();
        return kind === 'done';
      }),
    });
    const id = await start(engine, 1);
    await refused.promise;
    await engine.end();
    expect(engine.operation.discarded).toEqual([]);
    const again = await engineOf(createUnitOperation({ adopt: () => true }), { dataDir: engine.dataDir });
    expect(again.api.status(id)).toMatchObject({ processed_count: 1 });
  });
});

describe('after a clean stop', () => {
  it('batches at their end are not written again', async () => {
    const engine = await openTestEngine(createUnitOperation({ run: () => processed() }));
    for (const id of [await start(engine, 3), await start(engine, 3)])
      await ended(engine, id, 'batch_completed');
    await engine.end();
    let saves = 0;
    const again = await openTestEngine(createUnitOperation(), {
      dataDir: engine.dataDir,
      wrapStore: (store) => ({
        ...store,
        saveSnapshot: (...args) => {
          saves += 1;
          return store.saveSnapshot(...args);
        },
      }),
    });
    await again.end();
    expect(saves).toBe(0);
  });
});
