/**
 * The life of a unit (one item, or some that go together) from claim to durable result: claims on disk, wait for a place,
 * run, results on disk, announce, clean up. Decides between result, another attempt, hold and giving back; never picks items.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure, StoredResult } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Announcer } from './announcer.ts';
import { type Batch, isServed, toItemView } from './batch.ts';
import type { BatchChange, Committer } from './committer.ts';
import { type Blame, blameFor, guilty } from './host-deaths.ts';
import { isTerminal } from './machine.ts';
import { toKeptResult } from './output-paths.ts';
import type { ClaimedItem, Clock, ItemView, LostEnd, OperationRun, UnitEnd, UnitResult } from './ports.ts';
import type { Slots } from './slots.ts';
import { toItemResult } from './status.ts';

export type RetryPolicy = { attempts: number; firstDelayMs: number };
export type UnitRunParts = {
  committer: Committer;
  announcer: Announcer;
  clock: Clock;
  log: Log;
  retry: RetryPolicy;
  slots: Slots;
  /** False once the engine stops. */
  isOpen: () => boolean;
  /** The run has ended and its place is free; the result is still to be recorded. */
  onRunEnd: () => void;
  /** False once the engine stops or the batch is no longer served. */
  isLive: () => boolean;
  /** A failure that is the storage's, not the photo's: hold the batch. */
  onStorageFailure: (batch: Batch, failure: Failure) => void;
  /** Offers the item again after a while. */
  offerLater: (batch: Batch, index: number, delayMs: number) => void;
};
type UnitRun = { batch: Batch; run: OperationRun; signal: AbortSignal; alone: boolean };
/** `back`: items that can be handed out again; all of a unit at once, so that it stays together. */
type ItemRun = UnitRun & { index: number; back: number[] };

const DISK_RETRY_MS = 1000;
const storageCodes: ReadonlySet<string> = new Set(['output_full', 'output_not_writable']);

/** `items`: of one unit, in order. While one of them cannot be claimed none is begun; those that have their result stay out. */
export async function runUnit(
  parts: UnitRunParts,
  unit: UnitRun & { items: readonly number[] },
): Promise<void> {
  const back: number[] = [];
  try {
    const tasks = unit.items.map((index): ItemRun => ({ ...unit, index, back }));
    const claims = await Promise.all(tasks.map((task) => claimItem(parts, task)));
    const claimed = claims.filter((claim) => claim !== null);
    if (back.length > 0) await giveAllBack(parts, claimed);
    else if (claimed.length > 0) await runClaimed(parts, unit, claimed);
  } finally {
    for (const index of back) unit.batch.items.offer(index);
  }
}

type ClaimedTask = { task: ItemRun; claimed: ClaimedItem };

/** Null when nothing is claimed: the item has its result, or stays as it is. */
async function claimItem(parts: UnitRunParts, task: ItemRun): Promise<ClaimedTask | null> {
  const { batch, run, index } = task;
  const item = { ...toItemView(batch, index, batch.items.attempts(index) + 1), alone: task.alone };
  if (batch.items.isGuilty(index)) {
    await settle(parts, task, { item, name: null, path: null, result: failed(parts, guilty('crash')) });
    return null;
  }
  const claim = await run.claim(item);
  if (!claim.ok) {
    if (claim.storage) standBack(parts, task, claim.failure);
    else await settleFailure(parts, task, { item, name: null, path: claim.path }, claim.failure);
    return null;
  }
  if (await commitClaim(parts, task, item, claim.name)) {
    return { task, claimed: { item, name: claim.name, path: claim.path } };
  }
  await run.discard(item, claim.name);
  task.back.push(index);
  return null;
}

async function runClaimed(
  parts: UnitRunParts,
  { batch, run, signal }: UnitRun,
  claims: readonly ClaimedTask[],
): Promise<void> {
  const granted = await parts.slots.acquire(() => !signal.aborted && parts.isLive() && isServed(batch));
  if (!granted) return giveAllBack(parts, claims);
  for (const { task } of claims) batch.items.start(task.index);
  let ends: readonly UnitEnd[];
  try {
    ends = await run.run(
      claims.map(({ claimed }) => claimed),
      signal,
    );
    parts.onRunEnd();
    // What a host's death means is on disk before anything else runs in the place of what was lost.
    if (ends.some(({ kind }) => kind === 'lost')) return await concludeAll(parts, claims, ends);
  } finally {
    parts.slots.release();
  }
  await concludeAll(parts, claims, ends);
}

async function concludeAll(
  parts: UnitRunParts,
  claims: readonly ClaimedTask[],
  ends: readonly UnitEnd[],
): Promise<void> {
  const toEnd = (place: number): UnitEnd => ends[place] ?? { kind: 'stopped' };
  await Promise.all(claims.map(({ task, claimed }, place) => conclude(parts, task, claimed, toEnd(place))));
}

type Claimed = { item: ItemView; name: string | null; path: string | null };
type Named = { item: ItemView; name: string };

async function conclude(
  parts: UnitRunParts,
  task: ItemRun,
  claimed: Claimed & Named,
  end: UnitEnd,
): Promise<void> {
  if (end.kind !== 'lost' && isTerminal(task.batch.status)) return giveBack(parts, task, claimed);
  switch (end.kind) {
    case 'stopped':
      return giveBack(parts, task, claimed);
    case 'lost':
      return concludeLost(parts, task, claimed, end);
    case 'storage':
      return strand(parts, task, end.failure);
    case 'settled':
      if (end.result.f !== undefined) return settleFailure(parts, task, claimed, end.result.f, end.result);
      return settle(parts, task, { ...claimed, result: end.result });
  }
}

/** Its host died under it: done all the same, to be tried alone, or guilty. */
async function concludeLost(
  parts: UnitRunParts,
  task: ItemRun,
  claimed: Claimed & Named,
  end: LostEnd,
): Promise<void> {
  const { batch, index, alone } = task;
  const { reason, cause = 'crash' } = end;
  const where = { batch_id: batch.id, item: index, photo: claimed.item.photoId };
  parts.log.warn({ ...where, reason, cause, alone }, 'host died under a photo');
  if (isTerminal(batch.status)) await giveBack(parts, task, claimed);
  else await judge(parts, task, claimed, end);
  end.recorded?.();
}

async function judge(
  parts: UnitRunParts,
  task: ItemRun,
  claimed: Claimed & Named,
  end: LostEnd,
): Promise<void> {
  const { batch, run, index, alone } = task;
  const result = await run.adopt(claimed.item, claimed.name);
  if (result !== null) return settle(parts, task, { ...claimed, result });
  const blame = blameFor(batch.items, { index, alone, end });
  if (blame.kind === 'suspect') return giveBack(parts, task, claimed, blame);
  const release: BatchChange = { k: 'release', b: batch.id, items: [index], lost: true };
  const first = blame.isCrash ? release : undefined;
  return settle(parts, task, { ...claimed, result: failed(parts, blame.failure), first });
}

async function settleFailure(
  parts: UnitRunParts,
  task: ItemRun,
  claimed: Claimed,
  failure: Failure,
  result: UnitResult = failed(parts, failure),
): Promise<void> {
  const { batch, index } = task;
  // What trying again cannot help is of this photo alone: a name or a size that the disk cannot take.
  if (storageCodes.has(failure.code) && failure.retryable) {
    return claimed.name === null ? standBack(parts, task, failure) : strand(parts, task, failure);
  }
  const again = failure.retryable && claimed.name !== null && claimed.item.attempt < parts.retry.attempts;
  if (!again) return settle(parts, task, { ...claimed, result });
  const { attempt } = claimed.item;
  await task.run.discard(claimed.item, claimed.name ?? '');
  await persist(parts, batch, { k: 'again', b: batch.id, i: index, a: attempt, code: failure.code });
  const wait = failure.code === 'output_exists' ? 0 : parts.retry.firstDelayMs * 2 ** (attempt - 1);
  parts.offerLater(batch, index, wait);
}

/** The storage failed before there was a claim. */
function standBack(parts: UnitRunParts, { batch, index, back }: ItemRun, failure: Failure): void {
  batch.trouble.blockedBy = index;
  parts.onStorageFailure(batch, failure);
  back.push(index);
}

/**
 * The storage failed, no attempt is spent. Where the drive is away what was written cannot be looked at, and may be whole:
 * the claim stays open until the hold is lifted.
 */
function strand(parts: UnitRunParts, { batch, index }: ItemRun, failure: Failure): void {
  batch.items.withdraw(index);
  batch.trouble.blockedBy = index;
  batch.trouble.stranded.add(index);
  parts.onStorageFailure(batch, failure);
}

async function settle(
  parts: UnitRunParts,
  task: ItemRun,
  end: Claimed & { result: UnitResult; first?: BatchChange | undefined },
): Promise<void> {
  const { batch, run, index } = task;
  const stored: StoredResult = {
    i: index,
    a: end.name === null ? batch.items.attempts(index) : end.item.attempt,
    ...toKeptResult(batch, run, end.result),
  };
  const change = { k: stored.s === 'failed' ? 'failed' : 'done', b: batch.id, r: stored } as const;
  const recorded = await persist(parts, batch, change, end.first);
  // The claim stays open: at the next start the output is adopted.
  if (recorded === 'unwritten') return;
  if (recorded === 'late') {
    if (end.name !== null) await giveBack(parts, task, { item: end.item, name: end.name });
    else task.back.push(index);
    return;
  }
  batch.rate.settled(parts.clock.monotonicMs());
  const folder = batch.resultsFolder ?? run.folder;
  parts.announcer.settled(batch, toItemResult({ batch, index, path: end.path, stored, folder }));
  if (end.name === null) return;
  if (stored.s === 'failed') await run.discard(end.item, end.name);
  else await run.settled(end.item, end.name);
}

async function giveAllBack(parts: UnitRunParts, claims: readonly ClaimedTask[]): Promise<void> {
  await Promise.all(claims.map(({ task, claimed }) => giveBack(parts, task, claimed)));
}

/** Gives the claim back. `blame`: its host died under it; absent: nothing of it is held against the photo. */
async function giveBack(
  parts: UnitRunParts,
  { batch, run, index, back }: ItemRun,
  { item, name }: Named,
  blame?: Extract<Blame, { kind: 'suspect' }>,
): Promise<void> {
  await run.discard(item, name);
  // None when the batch had ended before the claim was recorded.
  if (batch.items.claims.has(index)) {
    const release = { k: 'release' as const, b: batch.id, items: [index], lost: blame?.isCrash ?? false };
    await persist(parts, batch, blame === undefined ? release : { ...release, suspect: true });
  }
  if (blame === undefined || blame.waitMs === 0) back.push(index);
  else parts.offerLater(batch, index, blame.waitMs);
}

/** False when the claim could not be made durable, or came too late. */
async function commitClaim(
  parts: UnitRunParts,
  task: ItemRun,
  item: ItemView,
  name: string,
): Promise<boolean> {
  const { batch, index } = task;
  if (!isServed(batch) || !parts.isLive()) return false;
  try {
    return await parts.committer.commit(batch, {
      k: 'claim',
      b: batch.id,
      i: index,
      a: item.attempt,
      n: name,
    });
  } catch (thrown) {
    parts.log.warn({ batch_id: batch.id, error: toError(thrown).message }, 'claim not written');
    await delay(DISK_RETRY_MS, undefined, { ref: false });
    return false;
  }
}

/**
 * What happened must be recorded: a full or failing state disk is waited for. `late`: it means nothing any more, the batch
 * has ended. `unwritten`: the engine closes and the disk still refuses. `first` goes before it in the same write.
 */
async function persist(
  parts: UnitRunParts,
  batch: Batch,
  change: BatchChange,
  first?: BatchChange,
): Promise<'applied' | 'late' | 'unwritten'> {
  for (;;) {
    try {
      const isApplied = await parts.committer.commit(batch, change, { essential: true, first });
      return isApplied ? 'applied' : 'late';
    } catch (thrown) {
      parts.log.error(
        { batch_id: batch.id, error: toError(thrown).message },
        'result not written, trying again',
      );
      if (!parts.isOpen()) return 'unwritten';
      await delay(DISK_RETRY_MS);
    }
  }
}

function failed(parts: UnitRunParts, failure: Failure): UnitResult {
  return { s: 'failed', t: parts.clock.iso(), ms: 0, f: failure };
}
