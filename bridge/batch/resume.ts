/** `POST /batch/{id}/resume`: goes on with a paused batch, and ends safe mode if that is what holds the batches. */
import type { Batch } from './batch.ts';
import type { Core } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { isTerminal } from './machine.ts';

/**
 * In safe mode every batch that has not ended can be resumed: one that runs is only let go on, one that waits for its
 * time waits on. Throws `illegal_transition`; safe mode then stays.
 */
export async function resume(core: Core, lifecycle: Lifecycle, batch: Batch): Promise<void> {
  const { safeMode } = core;
  if (safeMode.reason === null) return lifecycle.resume(batch);
  if (batch.status === 'paused' || isTerminal(batch.status)) await lifecycle.resume(batch);
  safeMode.end();
  // The hold is gone from every batch that was accepted meanwhile.
  for (const open of core.registry.open()) if (open.status === 'running') core.announcer.progress(open);
}
