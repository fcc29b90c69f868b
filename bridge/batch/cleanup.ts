/** Forgetting batches that ended long ago: memory, state file, item log. Never a photo, never an output. */
import type { Batch } from './batch.ts';
import type { Core } from './core.ts';
import { isTerminal } from './machine.ts';

const DAY_MS = 86_400_000;

/**
 * Batches that ended at least `daysOld` days ago. A jump of the wall clock makes nothing old: neither what it jumped over
 * counts nor a time in the future (the clock was set back).
 */
export function oldBatches(core: Core, daysOld: number): Batch[] {
  const ageOf = core.ages();
  const waiting = [...core.registry.open()].filter((batch) => batch.status === 'pending');
  const awaited = new Set(waiting.flatMap((batch) => batch.dependsOn));
  return [...core.registry.all()].filter((batch) => {
    // What another one waits for is asked about until that one begins.
    if (!isTerminal(batch.status) || awaited.has(batch.id)) return false;
    return ageOf(Date.parse(batch.completedAt ?? batch.createdAt)) >= daysOld * DAY_MS;
  });
}

/** False when it is gone or not at its end any more. */
export function removeBatch(core: Core, batch: Batch): Promise<boolean> {
  return core.committer.exclusive(batch.id, async () => {
    if (!isTerminal(batch.status) || core.registry.find(batch.id) !== batch) return false;
    // A cancelled batch may still be taking back what it had under way.
    await core.lanes.get(batch.operation)?.drained(batch);
    await core.committer.append([{ k: 'removed', b: batch.id }]);
    core.registry.remove(batch);
    await core.keeper.forget(batch);
    // It is gone for good whatever the disk says now: a refusal here would tell the client the opposite.
    await removeFiles(core, batch.id).catch((thrown: unknown) => {
      core.log.warn(
        { err: thrown, batch_id: batch.id },
        'files of a removed batch stay until the next start',
      );
    });
    core.batchLog.forget(batch.id);
    core.announcer.lifecycle('batch_cleaned', batch);
    return true;
  });
}

/** Of a batch whose `removed` record is on disk. When the disk refuses, the next start does it again. */
export async function removeFiles(
  core: Pick<Core, 'store' | 'committer' | 'log'>,
  batchId: string,
): Promise<void> {
  await core.store.removeBatch(batchId);
  await core.committer.append([{ k: 'cleaned', b: batchId }]).catch((thrown: unknown) => {
    core.log.warn({ err: thrown, batch_id: batchId }, 'the end of a removal was not recorded');
  });
}
