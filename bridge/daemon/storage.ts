/** The data folder: its lock, what the last run left in it, and everything that writes to it. */
import { join } from 'node:path';
import { claimDataFolder } from '../data-folder.ts';
import { createEventLog } from '../events/event-log.ts';
import type { Meters } from '../metrics/api.ts';
import { systemClock } from '../resources/clock.ts';
import { createBatchStore } from '../store/batch-store.ts';
import { createFreeSpace } from '../store/free-space.ts';
import { createOutputFiles } from '../store/output-files.ts';
import { createQuarantine } from '../store/quarantine.ts';
import { openRunHistory } from '../store/run-history.ts';
import { type Base, MEGABYTE } from './base.ts';

export type Storage = Awaited<ReturnType<typeof openStorage>>;

/** Rejects with an Error for people when another daemon has the folder. */
export async function openStorage({ dataDir, log, stack, settings, meters }: Base & { meters: Meters }) {
  const lock = await claimDataFolder(dataDir);
  stack.push('lock', () => lock.release());
  const quarantine = createQuarantine(join(dataDir, 'quarantine'));
  const history = openRunHistory({ path: join(dataDir, 'runs.json'), log, quarantine });
  // Also after a start that failed: only a run that ends without a word is an unclean end.
  stack.push('run history', () => history.close());
  await history.begin();
  const store = createBatchStore({ dataDir, log, ...meters });
  stack.push('store', () => store.close());
  const space = createFreeSpace({ leastBytes: () => settings().resources.min_free_mb * MEGABYTE });
  const outputs = createOutputFiles({ dataDir, log, space });
  stack.push('output files', () => outputs.close());
  const loaded = await store.load();
  const events = createEventLog({ epoch: loaded.epoch, clock: systemClock, log });
  return {
    lock,
    quarantine,
    history,
    store: store.store,
    inputs: store.inputs,
    space,
    outputs,
    loaded,
    events,
  };
}
