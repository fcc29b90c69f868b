import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../../bridge/batch/machine.ts';
import { type BatchStatusObject, pauseBodySchema } from '../../../bridge/contract/index.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { openTestEngine, startBody, type TestEngine } from '../../helpers/engine.ts';
import { createUnitOperation, failed, processed, type UnitOperation } from '../../helpers/unit-operation.ts';

type Step = {
  do:
    | 'start'
    | 'pause'
    | 'hard'
    | 'resume'
    | 'cancel'
    | 'retry'
    | 'priority'
    | 'hold'
    | 'merge'
    | 'crash'
    | 'wait';
  pick: number;
};
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom<Step['do']>(
    'start',
    'pause',
    'hard',
    'resume',
    'cancel',
    'retry',
    'priority',
    'hold',
    'merge',
    'crash',
    'wait',
  ),
  pick: fc.nat(20),
});

/** What callers were told: it may never be taken back. */
type Told = Map<string, BatchStatusObject>;

describe('the engine under any sequence of commands and crashes', () => {
  it('keeps every sum, never loses what it acknowledged, never runs a settled item again, never leaves a terminal state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const folders = new Set<string>();
        const durable = new Set<string>();
        let engine = await openTestEngine(operationOf(durable), { settings: quickRetry });
        folders.add(engine.dataDir);
        const told: Told = new Map();
        try {
          for (const { do: what, pick } of steps) {
            if (what === 'crash') engine = await crash(engine, { folders, durable, told });
            else await act(engine, what, pick);
            check(engine, told);
          }
          await settleAll(engine);
          check(engine, told);
          for (const batch of engine.api.list({ limit: 100 }).batches)
            expect(isTerminal(batch.status)).toBe(true);
        } finally {
          await engine.end();
          for (const folder of folders) await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 12, interruptAfterTimeLimit: 40_000 },
    );
  });
});

const quickRetry = { retry: { attempts: 2, first_delay_s: 0.001 } };

/** Every fifth photo fails, every seventh fails once; a settled item must not come again. */
function operationOf(durable: Set<string>): UnitOperation {
  const operation = createUnitOperation({
    slots: 3,
    async run(item, signal, batch) {
      expect(durable.has(`${batch.id}:${item.index}`)).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, item.photoId % 4));
      if (signal.aborted) return { kind: 'stopped' };
      if (item.photoId % 7 === 0 && item.attempt === 1) return failed('internal', true);
      return item.photoId % 5 === 0 ? failed('damaged_image') : processed();
    },
  });
  const { open } = operation;
  operation.open = (batch) => {
    const run = open(batch);
    return {
      ...run,
      settled: async (item) => void (item.photoId % 5 !== 0 && durable.add(`${batch.id}:${item.index}`)),
    };
  };
  return operation;
}

async function act(engine: TestEngine, what: Exclude<Step['do'], 'crash'>, pick: number): Promise<void> {
  if (what === 'start') return void (await engine.api.start(startBody(pick + 1), {}));
  if (what === 'wait') return void (await new Promise((resolve) => setTimeout(resolve, pick)));
  const { batches } = engine.api.list({ limit: 100 });
  const batch = batches[pick % Math.max(1, batches.length)];
  if (batch === undefined) return;
  const id = batch.batch_id;
  const commands = {
    pause: () => engine.api.pause(id, pauseBodySchema.parse({})),
    hard: () => engine.api.pause(id, pauseBodySchema.parse({ mode: 'hard' })),
    resume: () => engine.api.resume(id),
    cancel: () => engine.api.cancel(id),
    retry: () => engine.api.retryFailed(id, {}),
    priority: () => engine.api.setPriority(id, (pick % 10) + 1),
    hold: () => engine.api.placeHold(id, { client: 'editor', reason: 'busy', lease_s: 0.01 }),
    merge: () => engine.api.merge([id, batches[0]?.batch_id ?? id]),
  };
  const refused = await commands[what]().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (refused !== null) expect(refused).toBeInstanceOf(BridgeError);
}

/** The machine dies at this moment; another daemon starts on what is on the disk. */
async function crash(
  engine: TestEngine,
  { folders, durable, told }: { folders: Set<string>; durable: Set<string>; told: Told },
): Promise<TestEngine> {
  note(engine, told);
  const settledBefore = new Set(durable);
  const copy = await engine.crashCopy();
  folders.add(copy);
  await engine.end();
  const again = await openTestEngine(operationOf(settledBefore), { dataDir: copy, settings: quickRetry });
  for (const batch of again.api.list({ limit: 100 }).batches) {
    expect(batch.in_flight_count).toBe(0);
    expect(batch.status).not.toBe('running');
  }
  return again;
}

function note(engine: TestEngine, told: Told): void {
  for (const batch of engine.api.list({ limit: 100 }).batches) told.set(batch.batch_id, batch);
}

function check(engine: TestEngine, told: Told): void {
  for (const batch of engine.api.list({ limit: 100 }).batches) {
    const sum = batch.processed_count + batch.failed_count + batch.in_flight_count + batch.pending_count;
    expect(sum).toBe(batch.total_photos);
    const before = told.get(batch.batch_id);
    if (before === undefined) continue;
    expect(batch.processed_count).toBeGreaterThanOrEqual(before.processed_count);
    if (before.status === 'cancelled')
      expect(batch).toMatchObject({ status: 'cancelled', processed_count: before.processed_count });
    if (batch.status === 'completed') expect(batch.progress_percent).toBe(100);
  }
  for (const id of told.keys()) expect(() => engine.api.status(id)).not.toThrow();
  note(engine, told);
}

async function settleAll(engine: TestEngine): Promise<void> {
  for (const batch of engine.api.list({ limit: 100 }).batches) {
    if (batch.status === 'paused') await engine.api.resume(batch.batch_id);
  }
  for (const { batch_id: id } of engine.api.list({ limit: 100 }).batches) {
    const until = performance.now() + 20_000;
    let status = engine.api.status(id);
    while (!isTerminal(status.status) && performance.now() < until)
      status = await engine.api.waitForChange(id, status.seq, 1000);
    expect(isTerminal(status.status)).toBe(true);
  }
}
