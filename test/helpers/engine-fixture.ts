/** Engines of one test file, closed after each test, and the small words their tests are written in. */
import { afterEach } from 'vitest';
import type { BridgeEvent } from '../../bridge/contract/index.ts';
import { openTestEngine, startBody, type TestEngine } from './engine.ts';
import type { UnitOperation } from './unit-operation.ts';

/** To be called once at the top of a test file: answers how to open an engine there. */
export function useEngines() {
  const open: TestEngine[] = [];
  afterEach(async () => {
    for (const engine of open.splice(0)) await engine.end();
  });
  return async (
    operation: UnitOperation,
    options: Parameters<typeof openTestEngine>[1] = {},
  ): Promise<TestEngine> => {
    const engine = await openTestEngine(operation, options);
    open.push(engine);
    return engine;
  };
}

/** Starts a batch over ids 1 to `count`; answers its id. */
export async function start(
  engine: TestEngine,
  count: number,
  more: Record<string, unknown> = {},
): Promise<string> {
  return (await engine.api.start(startBody(count, more), {})).batch_id;
}

/** The batch's event of this type, also an earlier one. */
export function ended(engine: TestEngine, id: string, type: string): Promise<BridgeEvent> {
  return engine.event((event) => event.type === type && 'batch_id' in event && event.batch_id === id);
}

/** A gate that items wait at until it opens. */
export function createGate() {
  const opened = Promise.withResolvers<void>();
  const waiters: { count: number; resolve: () => void }[] = [];
  let waiting = 0;
  return {
    open: opened.resolve,
    /** Resolves when `count` items wait. */
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        if (waiting >= count) resolve();
        else waiters.push({ count, resolve });
      }),
    async pass() {
      waiting += 1;
      for (const { count, resolve } of waiters) if (waiting >= count) resolve();
      await opened.promise;
    },
  };
}
