/**
 * Claims that the last run of the daemon, or a drive that went away, left open: outputs that are ours and complete count,
 * the rest is put back without blame and without a spent attempt; what an ended batch had under way is taken back.
 */
import type { Failure } from '../contract/index.ts';
import { toError } from '../errors.ts';
import { type Batch, toItemView } from './batch.ts';
import { type Core, openRun, takesPhotos } from './core.ts';
import type { Claim } from './item-table.ts';
import { isTerminal } from './machine.ts';
import { toKeptResult } from './output-paths.ts';
import type { OperationRun } from './ports.ts';

/** Nothing to do, or done: after it the batch's items can be handed out. To be called when the output folder is there. */
export async function settleOrphans(core: Core, batch: Batch): Promise<void> {
  const { orphaned, trouble } = batch;
  if (!orphaned && trouble.stranded.size === 0) return;
  const run = openRun(core, batch);
  const back: number[] = [];
  for (const [index, claim] of [...batch.items.claims]) {
    if (!orphaned && !trouble.stranded.has(index)) continue;
    if (!(await adopt(core, { batch, run, index, claim }))) back.push(index);
  }
  // Only photos are ever in a host.
  const suspects = orphaned && core.unseenDeaths.found && takesPhotos(core, batch) ? back : [];
  await release(core, batch, {
    items: suspects.filter((index) => batch.items.crashes.get(index)),
    lost: true,
  });
  const others = back.filter((index) => batch.items.claims.has(index));
  await release(core, batch, { items: others, lost: false, ...(suspects.length > 0 && { suspect: true }) });
  for (const index of back) batch.items.offer(index);
  for (const index of trouble.stranded) if (!batch.items.claims.has(index)) trouble.stranded.delete(index);
  if (!orphaned) return;
  await run.sweep();
  batch.orphaned = false;
}

type Release = { items: number[]; lost: boolean; suspect?: true };

async function release(core: Core, batch: Batch, release: Release): Promise<void> {
  if (release.items.length === 0) return;
  await core.committer.commit(batch, { k: 'release', b: batch.id, ...release }, { essential: true });
}

/** Of an ended batch nothing stays: open claims are taken back, and temp files that a hold of the storage left. */
export async function tidyUp(core: Core, batch: Batch): Promise<void> {
  const lane = core.lanes.get(batch.operation);
  const sweep = async (): Promise<void> => {
    if (!isTerminal(batch.status) || !batch.trouble.isLittered) return;
    batch.trouble.isLittered = false;
    await openRun(core, batch).sweep();
  };
  const refused = (thrown: unknown): void => {
    core.log.warn(
      { err: thrown, batch_id: batch.id },
      'left-overs of an ended batch stay until the next start',
    );
  };
  await settleOrphans(core, batch).catch(refused);
  if (!batch.trouble.isLittered || lane === undefined) return;
  if (!lane.isBusy(batch)) return sweep().catch(refused);
  void lane
    .drained(batch)
    .then(() => core.committer.exclusive(batch.id, sweep))
    .catch(refused);
}

/** The same; what is in the way comes back as a failure of the storage. */
export async function settleOrphansOrSay(core: Core, batch: Batch): Promise<Failure | null> {
  try {
    await settleOrphans(core, batch);
    return null;
  } catch (thrown) {
    const { message } = toError(thrown);
    return { code: 'output_not_writable', message, stage: 'claim', retryable: true };
  }
}

type Orphan = { batch: Batch; run: OperationRun; index: number; claim: Claim };

/** True when its output is ours and complete and has been counted; else nothing of it is left. */
async function adopt(core: Core, { batch, run, index, claim }: Orphan): Promise<boolean> {
  const item = toItemView(batch, index, claim.attempt);
  const result = isTerminal(batch.status) ? null : await run.adopt(item, claim.name);
  if (result === null) {
    await run.discard(item, claim.name);
    return false;
  }
  const k = result.s === 'failed' ? 'failed' : 'done';
  const r = { i: index, a: claim.attempt, ...toKeptResult(batch, run, result) };
  await core.committer.commit(batch, { k, b: batch.id, r }, { essential: true });
  await run.settled(item, claim.name);
  return true;
}
