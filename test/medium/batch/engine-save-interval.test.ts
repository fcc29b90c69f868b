/** The setting `state.save_interval_s`: how often a running batch's state file is brought up to date. */
import { expect, it } from 'vitest';
import type { BatchStore } from '../../../bridge/batch/ports.ts';
import { createGate, ended, start, useEngines } from '../../helpers/engine-fixture.ts';
import { createUnitOperation, processed } from '../../helpers/unit-operation.ts';

const openEngine = useEngines();

/** A batch of which one item is done and the other waits; answers its synced snapshots. */
async function openHalfDone(saveIntervalS: number) {
  const gate = createGate();
  const operation = createUnitOperation({
    slots: 1,
    run: async ({ index }) => {
      if (index === 1) await gate.pass();
      return processed();
    },
  });
  const saved: string[] = [];
  const wrapStore = (store: BatchStore): BatchStore => ({
    ...store,
    async saveSnapshot(id, chunks, options) {
      await store.saveSnapshot(id, chunks, options);
      if (options.sync) saved.push(id);
    },
  });
  const settings = { state: { save_interval_s: saveIntervalS } };
  const engine = await openEngine(operation, { settings, wrapStore });
  const id = await start(engine, 2);
  await gate.reached(1);
  return { engine, id, gate, saved };
}

it('is how long a change waits for the state file', async () => {
  const often = await openHalfDone(0.1);
  await expect.poll(() => often.saved.length).toBeGreaterThan(0);
  often.gate.open();
  await ended(often.engine, often.id, 'batch_completed');

  const seldom = await openHalfDone(600);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(seldom.saved).toEqual([]);
  // The journal has it all the same.
  const copy = await seldom.engine.crashCopy();
  const reopened = await openEngine(createUnitOperation(), { dataDir: copy });
  expect(reopened.api.status(seldom.id)).toMatchObject({ status: 'paused', processed_count: 1 });
  seldom.gate.open();
});
