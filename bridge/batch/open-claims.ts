/**
 * Claims that the last run of the daemon left open: outputs that are ours and complete count, the rest is put back without
 * blame and without a spent attempt; what an ended batch had under way is taken back.
 */
import type { Failure } from '../contract/index.ts';
import { toError } from '../errors.ts';
import { type Batch, toItemView } from './batch.ts';
import { type Core, openRun } from './core.ts';
import type { Claim } from './item-table.ts';
import { isTerminal } from './machine.ts';
import { toKeptResult } from './output-paths.ts';
import type { OperationRun } from './ports.ts';

/** Nothing to do, or done: after it the batch's items can be handed out. To be called when the output folder is there. */
export async function settleOrphans(core: Core, batch: Batch): Promise<void> {
  if (!batch.orphaned) return;
  const run = openRun(core, batch);
  const back: number[] = [];
  for (const [index, claim] of [...batch.items.claims]) {
    if (!(await adopt(core, { batch, run, index, claim }))) back.push(index);
  }
  if (back.length > 0)
    await core.committer.commit(
      batch,
      { k: 'release', b: batch.id, items: back, lost: false },
      { essential: true },
    );
  for (const index of back) batch.items.offer(index);
  await run.sweep();
  batch.orphaned = false;
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
