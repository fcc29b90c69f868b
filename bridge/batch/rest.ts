/** How a batch comes to rest: what its operation kept in memory is put away, and which end fits what became of its items. */
import type { Failure } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun, operationOf, takesPhotos } from './core.ts';
import { isTerminal } from './machine.ts';
import type { ActionPayload } from './reduce.ts';

/** To be called when nothing of the batch is under way. Answers what is in the way, or null. */
export async function putAway(core: Core, batch: Batch): Promise<Failure | null> {
  const isOver = isTerminal(batch.status) || batch.items.settledCount === batch.items.total;
  return (await openRun(core, batch).rest?.({ isOver })) ?? null;
}

/** Of a batch whose items are all settled. */
export function toEnd(core: Core, batch: Batch): Pick<ActionPayload, 'action' | 'error'> {
  const { total } = batch.items;
  const operation = operationOf(core, batch);
  const isGood = batch.items.counts().processed > 0 || total === 0 || operation.isAlwaysCompleted === true;
  if (isGood) return { action: 'complete' };
  return { action: 'fail', error: `none of ${total} ${nounOf(core, batch)} could be processed` };
}

/** What its items are called. */
export function nounOf(core: Pick<Core, 'lanes'>, batch: Batch): 'photos' | 'items' {
  return takesPhotos(core, batch) ? 'photos' : 'items';
}
