/** What the engine does when a folder or drive is at fault: holds, open claims, what is tried when it is lifted. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../bridge/contract/index.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, failed, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

const away: Failure = {
  code: 'source_missing',
  message: 'the drive is away',
  stage: 'read',
  retryable: true,
};
const full: Failure = { code: 'output_full', message: 'the disk is full', stage: 'write', retryable: true };

describe('a storage that fails under an item', () => {
  it('costs no attempt, whatever code it comes with', async () => {
    let isAway = false;
    const operation = createUnitOperation({
      slots: 1,
      run: (item) => {
        isAway ||= item.index === 1 && operation.ran.length < 3;
        return isAway ? { kind: 'storage', failure: away } : processed();
      },
      // A launch asks for no photo.
      ready: (at) => (isAway && at?.next !== null ? away : null),
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 3);
    await ended(engine, id, 'hold_placed');
    isAway = false;
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 3 });
    expect(operation.ran.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(operation.ran.length).toBeGreaterThan(3);
  });

  it('keeps the claim open until the hold is lifted: what was written whole meanwhile counts and is not written again', async () => {
    let isAway = false;
    const operation = createUnitOperation({
      slots: 1,
      run: (item) => {
        isAway ||= item.index === 1;
        return isAway ? { kind: 'storage', failure: full } : processed();
      },
      ready: () => (isAway ? full : null),
      adopt: (item) => item.index === 1,
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 4);
    await ended(engine, id, 'hold_placed');
    expect(engine.api.status(id)).toMatchObject({
      status: 'running',
      in_flight_count: 0,
      failed_count: 0,
      holds: [{ owner: 'storage', reason: full.message }],
    });
    expect(engine.operation.discarded).not.toContain(`${id}:1`);
    isAway = false;
    // From now on it would succeed if it ran.
    operation.ran.length = 0;
    const isDone = ended(engine, id, 'batch_completed');
    expect(await isDone).toMatchObject({ processed_count: 4, failed_count: 0 });
    expect(operation.ran.map(({ index }) => index)).not.toContain(1);
    expect(operation.settled).toContain(`${id}:1`);
  });

  it('is put back when what it wrote is not whole, also when the daemon was killed while it was held', async () => {
    let isAway = false;
    const script = {
      slots: 1,
      run: (item: { index: number }) => {
        isAway ||= item.index === 1;
        return isAway ? ({ kind: 'storage', failure: full } as const) : processed();
      },
      ready: () => (isAway ? full : null),
    };
    const engine = await engineOf(createUnitOperation(script));
    const id = await start(engine, 3);
    await ended(engine, id, 'hold_placed');
    const copy = await engine.crashCopy();
    let isStillAway = true;
    const second = createUnitOperation({ ready: () => (isStillAway ? full : null) });
    const again = await engineOf(second, { dataDir: copy });
    await again.api.resume(id);
    expect(again.api.status(id)).toMatchObject({ status: 'running', holds: [{ owner: 'storage' }] });
    isStillAway = false;
    expect(await ended(again, id, 'batch_completed')).toMatchObject({ processed_count: 3, failed_count: 0 });
  });

  it('is taken back when the batch is cancelled meanwhile', async () => {
    let isAway = false;
    const operation = createUnitOperation({
      slots: 1,
      run: () => {
        isAway = true;
        return { kind: 'storage', failure: full };
      },
      ready: () => (isAway ? full : null),
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 2);
    await ended(engine, id, 'hold_placed');
    await engine.api.cancel(id);
    expect(operation.discarded).toContain(`${id}:0`);
    expect(engine.api.status(id)).toMatchObject({ status: 'cancelled', in_flight_count: 0 });
  });

  it('asks for the item that met the trouble, not for its neighbours, before it lets the batch go on', async () => {
    const gate = createGate();
    let isAway = true;
    const asked: (number | undefined)[] = [];
    const operation = createUnitOperation({
      slots: 2,
      run: async (item) => {
        if (item.index !== 1 || !isAway) return processed();
        await gate.pass();
        return { kind: 'storage', failure: away };
      },
      ready: (at) => {
        asked.push(at?.next?.index);
        return at?.next?.index === 1 && isAway && asked.length > 2 ? away : null;
      },
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 3);
    await gate.reached(1);
    gate.open();
    await ended(engine, id, 'hold_placed');
    await expect.poll(() => asked.at(-1), { timeout: 10_000 }).toBe(1);
    expect(engine.api.status(id).holds).toHaveLength(1);
    isAway = false;
    await ended(engine, id, 'batch_completed');
    const holds = engine.events.filter(({ type }) => type === 'hold_placed');
    expect(holds).toHaveLength(1);
  });

  it('that another trouble takes over says the new one', async () => {
    let trouble: Failure | null = null;
    const operation = createUnitOperation({
      run: () => {
        trouble ??= full;
        return { kind: 'storage', failure: full };
      },
      ready: () => trouble,
    });
    const engine = await engineOf(operation);
    const id = await start(engine, 1);
    await ended(engine, id, 'hold_placed');
    trouble = { ...full, code: 'output_not_writable', message: 'the disk is read-only' };
    await expect
      .poll(() => engine.api.status(id).holds, { timeout: 10_000 })
      .toMatchObject([{ owner: 'storage', reason: 'the disk is read-only' }]);
    await engine.api.cancel(id);
  });
});

describe('an output failure that trying again cannot help', () => {
  it('fails its photo alone', async () => {
    const engine = await engineOf(
      createUnitOperation({
        run: (item) => (item.index === 1 ? failed('output_not_writable', false) : processed()),
      }),
    );
    const id = await start(engine, 3);
    expect(await ended(engine, id, 'batch_completed')).toMatchObject({ processed_count: 2, failed_count: 1 });
    expect(engine.events.some(({ type }) => type === 'hold_placed')).toBe(false);
  });
});

describe('the output folder', () => {
  it('may be made for a batch of another system, whose photos were not written here, and not for one of ours', async () => {
    const stages: (string | undefined)[] = [];
    const ready = (at?: { folder: string }) => {
      stages.push(at?.folder);
      return null;
    };
    const dataDir = await mkdtemp(join(tmpdir(), 'photo-bridge-foreign-'));
    const seed = {
      batch_id: 'batch_abc123def456',
      photo_ids: [1, 2],
      processed_photo_ids: [1],
      status: 'paused',
      created_at: '2025-11-09T10:00:00Z',
      total_photos: 2,
    };
    await mkdir(join(dataDir, 'batch_states'));
    await writeFile(join(dataDir, 'batch_states', `${seed.batch_id}.json`), JSON.stringify(seed));
    const engine = await engineOf(createUnitOperation({ ready }), { dataDir });
    await engine.api.resume(seed.batch_id);
    await ended(engine, seed.batch_id, 'batch_completed');
    expect(stages).toEqual(['unused']);
    stages.length = 0;
    const own = await engineOf(
      createUnitOperation({ ready, run: (item) => (item.index === 0 ? processed() : failed('internal')) }),
    );
    const id = await start(own, 2);
    await ended(own, id, 'batch_completed');
    await own.api.retryFailed(id, {});
    expect(stages).toEqual(['new', 'unused', 'used']);
  });
});
