import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../bridge/resources/clock.ts';
import { createGatedLimiter } from '../../../bridge/resources/gates.ts';
import { createSafeMode } from '../../../bridge/resources/safe-mode.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createSteadyLimiter, createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const engineOf = useEngines();

/** An engine that starts into safe mode over what a crash left. */
async function openSafe(dataDir?: string, onStart: 'pause' | 'resume' | 'leave' = 'resume') {
  const at = systemClock.wallMs();
  const safeMode = createSafeMode({ uncleanEnds: [at, at, at], clock: systemClock, onEnd: () => {} });
  const operation = createUnitOperation();
  const engine = await engineOf(
    { ...operation, limiter: createGatedLimiter(createSteadyLimiter(2), [safeMode]) },
    {
      ...(dataDir !== undefined && { dataDir }),
      settings: { recovery: { on_start: onStart } },
      safeMode,
    },
  );
  return { engine, safeMode, operation };
}

/** A folder as a crash leaves it: one batch of 4 in the middle, two in flight. */
async function crashed(): Promise<{ dataDir: string; id: string }> {
  const gate = createGate();
  const engine = await engineOf(createUnitOperation({ run: () => gate.pass().then(processed) }));
  const id = await start(engine, 4);
  await gate.reached(2);
  const dataDir = await engine.crashCopy();
  gate.open();
  return { dataDir, id };
}

describe('an engine in safe mode', () => {
  it.each(['pause', 'resume', 'leave'] as const)(
    'brings what was running to paused, whatever recovery.on_start says (%s), and renders when it is resumed',
    async (onStart) => {
      const { dataDir, id } = await crashed();
      const { engine, safeMode, operation } = await openSafe(dataDir, onStart);
      expect(engine.api.status(id)).toMatchObject({ status: 'paused', in_flight_count: 0, pending_count: 4 });
      expect(operation.ran).toEqual([]);
      expect(await engine.api.resume(id)).toMatchObject({ status: 'running', backoff: null, holds: [] });
      expect(safeMode.reason).toBeNull();
      await ended(engine, id, 'batch_completed');
    },
  );

  it('accepts a new batch, holds it and says so; resuming it lets it go on', async () => {
    const { engine, safeMode, operation } = await openSafe();
    const id = await start(engine, 3);
    const held = engine.api.status(id);
    expect(held).toMatchObject({
      status: 'running',
      holds: [{ owner: 'safe_mode', reason: safeMode.reason }],
    });
    expect(held.backoff).toMatchObject({ limit: 0, capacity: 2 });
    expect(await engine.api.resume(id)).toMatchObject({ status: 'running', holds: [], backoff: null });
    await ended(engine, id, 'batch_completed');
    expect(operation.ran).toHaveLength(3);
    await expect(engine.api.resume(id)).rejects.toMatchObject({ code: 'illegal_transition' });
  });

  it('ends for all batches with the resume of any, and tells those that wait for a change', async () => {
    const { dataDir, id } = await crashed();
    const { engine } = await openSafe(dataDir);
    const other = await start(engine, 3);
    const { seq } = engine.api.status(other);
    const waiting = engine.api.waitForChange(other, seq, 20_000);
    await engine.api.resume(id);
    expect((await waiting).holds).toEqual([]);
    await ended(engine, other, 'batch_completed');
  });

  it('begins no batch whose time has come and ends no timed pause, until it ends', async () => {
    const first = await engineOf(createUnitOperation());
    const soon = new Date(Date.now() + 300).toISOString();
    const timed = await start(first, 2, { start_at: soon });
    const { dataDir, id } = await crashed();
    const { engine, operation } = await openSafe(dataDir);
    const scheduled = await start(engine, 2, { start_at: new Date(Date.now() + 50).toISOString() });
    // The same time in an engine that is not in safe mode: by then the other's has come as well.
    await ended(first, timed, 'batch_completed');
    expect(engine.api.status(scheduled).status).toBe('pending');
    expect(operation.ran).toEqual([]);
    expect(await engine.api.resume(id)).toMatchObject({ status: 'running' });
    await ended(engine, scheduled, 'batch_completed');
  });

  it('is ended by the resume of a batch that waits for its time, which then waits on', async () => {
    const { engine, safeMode } = await openSafe();
    const id = await start(engine, 2, { start_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await engine.api.resume(id)).toMatchObject({ status: 'pending' });
    expect(safeMode.reason).toBeNull();
  });

  it('stays when a batch that has ended is resumed, or none by that name', async () => {
    const { engine, safeMode } = await openSafe();
    const id = await start(engine, 2);
    await engine.api.cancel(id);
    await expect(engine.api.resume(id)).rejects.toMatchObject({ code: 'illegal_transition' });
    await expect(engine.api.resume('batch_000000000000')).rejects.toMatchObject({ code: 'batch_not_found' });
    expect(safeMode.reason).not.toBeNull();
  });
});
