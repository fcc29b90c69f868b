/**
 * The life of one item from claim to durable result: claim on disk, wait for a place, run, result on disk, announce,
 * clean up. Decides between result, another attempt, hold and giving back; never picks items.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure, StoredResult } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Announcer } from './announcer.ts';
import { type Batch, isServed, toItemView } from './batch.ts';
import type { Committer } from './committer.ts';
import { isTerminal } from './machine.ts';
import { toKeptResult } from './output-paths.ts';
import type { Clock, ItemView, OperationRun, UnitEnd, UnitResult } from './ports.ts';
import type { Slots } from './slots.ts';
import { toItemResult } from './status.ts';

export type RetryPolicy = { attempts: number; firstDelayMs: number };
export type ItemRunParts = {
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
export type ItemRun = { batch: Batch; run: OperationRun; index: number; signal: AbortSignal; alone: boolean };

/** A host death while a photo ran alone proves it guilty; two in all are the most a photo may ever cost. */
const MAX_CRASHES = 2;
const DISK_RETRY_MS = 1000;
const storageCodes: ReadonlySet<string> = new Set(['output_full', 'output_not_writable']);

export async function runItem(parts: ItemRunParts, task: ItemRun): Promise<void> {
  const { batch, run, index } = task;
  const item = toItemView(batch, index, batch.items.attempts(index) + 1);
  if ((batch.items.crashes.get(index) ?? 0) >= MAX_CRASHES) {
    return settle(parts, task, { item, name: null, path: null, result: crashed(parts) });
  }
  const claim = await run.claim(item);
  if (!claim.ok) return settleFailure(parts, task, { item, name: null, path: claim.path }, claim.failure);
  if (!(await commitClaim(parts, task, item, claim.name))) {
    await run.discard(item, claim.name);
    return batch.items.offer(index);
  }
  const granted = await parts.slots.acquire(() => !task.signal.aborted && parts.isLive() && isServed(batch));
  if (!granted) return giveBack(parts, task, item, claim.name, false);
  batch.items.start(index);
  let end: UnitEnd;
  try {
    end = await run.run(item, claim, task.signal);
  } finally {
    parts.onRunEnd();
    parts.slots.release();
  }
  await conclude(parts, task, { item, name: claim.name, path: claim.path }, end);
}

type Claimed = { item: ItemView; name: string | null; path: string | null };

async function conclude(parts: ItemRunParts, task: ItemRun, claimed: Claimed, end: UnitEnd): Promise<void> {
  const { batch, run, index } = task;
  const name = claimed.name ?? '';
  if (isTerminal(batch.status)) return giveBack(parts, task, claimed.item, name, false);
  switch (end.kind) {
    case 'stopped':
      return giveBack(parts, task, claimed.item, name, false);
    case 'lost': {
      parts.log.warn(
        { batch_id: batch.id, item: index, reason: end.reason, alone: task.alone },
        'host died under a photo',
      );
      const result = await run.adopt(claimed.item, name);
      if (result !== null) return settle(parts, task, { ...claimed, result });
      return giveBack(parts, task, claimed.item, name, true);
    }
    case 'settled':
      if (end.result.f !== undefined) return settleFailure(parts, task, claimed, end.result.f, end.result);
      return settle(parts, task, { ...claimed, result: end.result });
  }
}

async function settleFailure(
  parts: ItemRunParts,
  task: ItemRun,
  claimed: Claimed,
  failure: Failure,
  result: UnitResult = failed(parts, failure),
): Promise<void> {
  const { batch, index } = task;
  if (storageCodes.has(failure.code)) {
    parts.onStorageFailure(batch, failure);
    if (claimed.name === null) return batch.items.offer(index);
    return giveBack(parts, task, claimed.item, claimed.name, false);
  }
  const again = failure.retryable && claimed.name !== null && claimed.item.attempt < parts.retry.attempts;
  if (!again) return settle(parts, task, { ...claimed, result });
  const { attempt } = claimed.item;
  await task.run.discard(claimed.item, claimed.name ?? '');
  await persist(parts, batch, { k: 'again', b: batch.id, i: index, a: attempt, code: failure.code });
  const wait = failure.code === 'output_exists' ? 0 : parts.retry.firstDelayMs * 2 ** (attempt - 1);
  parts.offerLater(batch, index, wait);
}

async function settle(
  parts: ItemRunParts,
  task: ItemRun,
  end: Claimed & { result: UnitResult },
): Promise<void> {
  const { batch, run, index } = task;
  const stored: StoredResult = {
    i: index,
    a: end.name === null ? batch.items.attempts(index) : end.item.attempt,
    ...toKeptResult(batch, run, end.result),
  };
  const recorded = await persist(parts, batch, {
    k: stored.s === 'failed' ? 'failed' : 'done',
    b: batch.id,
    r: stored,
  });
  // The claim stays open: at the next start the output is adopted.
  if (recorded === 'unwritten') return;
  if (recorded === 'late') {
    if (end.name !== null) await giveBack(parts, task, end.item, end.name, false);
    return;
  }
  batch.rate.settled(parts.clock.monotonicMs());
  const folder = batch.resultsFolder ?? run.folder;
  parts.announcer.settled(batch, toItemResult({ batch, index, path: end.path, stored, folder }));
  if (end.name === null) return;
  if (stored.s === 'failed') await run.discard(end.item, end.name);
  else await run.settled(end.item, end.name);
}

/** Gives the claim back. `lost`: the host died under it, which counts against the photo for ever. */
async function giveBack(
  parts: ItemRunParts,
  task: ItemRun,
  item: ItemView,
  name: string,
  lost: boolean,
): Promise<void> {
  await task.run.discard(item, name);
  // None when the batch had ended before the claim was recorded.
  if (task.batch.items.claims.has(task.index)) {
    await persist(parts, task.batch, { k: 'release', b: task.batch.id, items: [task.index], lost });
  }
  task.batch.items.offer(task.index);
}

/** False when the claim could not be made durable, or came too late. */
async function commitClaim(
  parts: ItemRunParts,
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
 * has ended. `unwritten`: the engine closes and the disk still refuses.
 */
async function persist(
  parts: ItemRunParts,
  batch: Batch,
  change: Parameters<Committer['commit']>[1],
): Promise<'applied' | 'late' | 'unwritten'> {
  for (;;) {
    try {
      return (await parts.committer.commit(batch, change, { essential: true })) ? 'applied' : 'late';
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

function failed(parts: ItemRunParts, failure: Failure): UnitResult {
  return { s: 'failed', t: parts.clock.iso(), ms: 0, f: failure };
}

function crashed(parts: ItemRunParts): UnitResult {
  const message = 'the decoder crashed on this photo twice; it is not tried again';
  return failed(parts, { code: 'decoder_crash', message, stage: 'decode', retryable: false });
}
