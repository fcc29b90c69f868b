/**
 * From what is on disk at start to batches in memory: snapshot, then the journal after it; what the last run left under
 * way settled; batches that were running brought to rest. `POST /batch/recover` reports what this found. The trouble of
 * one batch never keeps the daemon from starting.
 */
import type { JournalPayload, Settings } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, note, openRun } from './core.ts';
import { restoreResults } from './kept-results.ts';
import type { Lifecycle } from './lifecycle.ts';
import { isTerminal } from './machine.ts';
import { settleOrphans } from './open-claims.ts';
import type { LoadedState } from './ports.ts';
import { findOutputFault } from './readiness.ts';
import { applyPayload } from './reduce.ts';
import { fromStateFile } from './state-file.ts';

export type Interrupted = { batch_id: string; remaining_count: number; in_flight_count: number };
type OnStart = Settings['recovery']['on_start'];

export type FoundAtStart = {
  /** Ids of batches whose removal a crash may have cut short. */
  removed: string[];
  /** Damage may have cost them results that their item logs still hold. */
  uncertain: Batch[];
};

/** Fills the registry. Nothing is written yet. */
export function loadBatches(core: Core, loaded: LoadedState): FoundAtStart {
  const fallenBack = new Set<string>();
  const batches = new Map<string, Batch>();
  /** From which record on the journal is still needed, by batch. */
  const firstSeqs = new Map<string, number>();
  for (const { file, source } of loaded.snapshots) {
    try {
      const batch = fromStateFile(file);
      if (source === 'journal') batch.createdSeq = file._seq ?? 0;
      batches.set(batch.id, batch);
      if (source !== 'main') fallenBack.add(file.batch_id);
      if (source === 'journal') firstSeqs.set(file.batch_id, file._seq ?? 0);
    } catch (thrown) {
      core.log.error(
        { batch_id: file.batch_id, error: toError(thrown).message },
        'state file not understood',
      );
    }
  }
  const removed = replayAll(core, { loaded, batches, firstSeqs });
  const ordered = [...batches.values()].sort(byCreation);
  for (const batch of ordered) {
    core.registry.add(batch);
    // Whoever waits for a change since an event of the last run must not wait for one that nobody told him of.
    batch.eventSeq = core.announcer.seq;
    const firstSeq = firstSeqs.get(batch.id);
    const isUnderWay = batch.status === 'running' || (batch.status === 'paused' && firstSeq !== undefined);
    batch.orphaned = isUnderWay || batch.items.claims.size > 0;
    if (firstSeq !== undefined) core.keeper.touch(batch, firstSeq);
  }
  return {
    removed: removed.filter((id) => !batches.has(id)),
    uncertain: ordered.filter(
      (batch) => fallenBack.has(batch.id) || (loaded.journalDamaged === true && !isTerminal(batch.status)),
    ),
  };
}

/** What was acknowledged is not forgotten, and its output not written twice, because a newer state file was damaged. */
export async function restoreFromItemLogs(core: Core, uncertain: readonly Batch[]): Promise<void> {
  for (const batch of uncertain) {
    await carefully(core, batch, async () => {
      const restored = await restoreResults(core.store, batch);
      if (restored === 0) return;
      // Temp links of what was under way for them may be left.
      batch.orphaned = true;
      note(
        core,
        batch,
        `${restored} results were taken from the item log: the state file was damaged`,
        'warn',
      );
    });
    // The good state file comes back soon, not only with the next change.
    core.keeper.touch(batch, batch.seq);
  }
}

/** By the journal, for the clock may have been set back in between; files of other hands first, by their own times. */
function byCreation(a: Batch, b: Batch): number {
  if (a.createdSeq !== b.createdSeq) return a.createdSeq - b.createdSeq;
  return a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0;
}

type Replay = { loaded: LoadedState; batches: Map<string, Batch>; firstSeqs: Map<string, number> };

/** Answers the removed batches. A record up to the last checkpoint is in a synced snapshot, unless that was lost. */
function replayAll(core: Core, { loaded, batches, firstSeqs }: Replay): string[] {
  const { covered, removed, cleaned } = survey(loaded.records);
  for (const { seq, payload } of loaded.records) {
    if (!('b' in payload) || payload.k === 'cleaned' || seq < (cleaned.get(payload.b) ?? 0)) continue;
    try {
      const isNeeded = replay(batches, { seq, payload, isCovered: seq <= covered });
      if (isNeeded && !firstSeqs.has(payload.b)) firstSeqs.set(payload.b, seq);
    } catch (thrown) {
      // Only a state file of other hands can be at odds with the journal.
      core.log.error({ err: thrown, batch_id: payload.b, seq }, 'journal record does not fit its batch');
    }
  }
  return [...removed];
}

/**
 * `covered`: of the last checkpoint. `cleaned`: where each batch's files were last gone for good, so that a file found
 * now was put there by hand, and nothing before that place is about it. `removed`: the others that were removed.
 */
function survey(records: LoadedState['records']) {
  let covered = 0;
  const removed = new Set<string>();
  const cleaned = new Map<string, number>();
  for (const { seq, payload } of records) {
    if (payload.k === 'checkpoint') covered = payload.covered;
    if (payload.k === 'removed') removed.add(payload.b);
    if (payload.k !== 'cleaned') continue;
    removed.delete(payload.b);
    cleaned.set(payload.b, seq);
  }
  return { covered, removed, cleaned };
}

type BatchRecord = Exclude<Extract<JournalPayload, { b: string }>, { k: 'cleaned' }>;
type Replayed = { seq: number; payload: BatchRecord; isCovered: boolean };

/** True when the journal is still needed for it. (`created` ones without a state file are among the snapshots already.) */
function replay(batches: Map<string, Batch>, { seq, payload, isCovered }: Replayed): boolean {
  const batch = batches.get(payload.b);
  if (batch === undefined || payload.k === 'created') return !isCovered;
  if (payload.k === 'removed') {
    batches.delete(payload.b);
    return false;
  }
  if (seq > batch.seq) {
    applyPayload(batch, payload);
    batch.seq = seq;
    return true;
  }
  // A snapshot can be ahead of the item log: what the item became is in the one, its result only here.
  if (!isCovered && (payload.k === 'done' || payload.k === 'failed'))
    batch.recent.set(payload.r.i, payload.r);
  return !isCovered;
}

/** What the last run had under way is adopted, put back or taken back; where the output folder is away, that waits. */
export async function settleClaims(core: Core): Promise<void> {
  for (const batch of core.registry.all()) {
    if (!batch.orphaned) continue;
    const inFlight = batch.items.claims.size;
    await carefully(core, batch, async () => {
      if (inFlight > 0) await noteInterrupted(core, batch, inFlight);
      if (await isReachable(core, batch)) await settleOrphans(core, batch);
    });
  }
}

async function isReachable(core: Core, batch: Batch): Promise<boolean> {
  if (isTerminal(batch.status) || batch.items.claims.size === 0) return true;
  const failure = await findOutputFault(batch, openRun(core, batch));
  return failure === null || failure.code === 'preset_invalid';
}

async function carefully(core: Core, batch: Batch, step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (thrown) {
    core.log.error({ err: thrown, batch_id: batch.id }, 'batch could not be recovered');
    return false;
  }
}

async function noteInterrupted(core: Core, batch: Batch, inFlight: number): Promise<void> {
  if (batch.status !== 'running') return;
  const set = { _interrupted: { in_flight: inFlight, at: core.clock.iso() } };
  await core.committer.commit(
    batch,
    { k: 'patch', b: batch.id, at: core.clock.iso(), set },
    { essential: true },
  );
}

/**
 * What was running comes to rest, goes on, or is left for `POST /batch/recover`, as the setting says. Answers the batches with
 * which that could not be done: they lie still.
 */
export async function restAfterStart(
  core: Core,
  lifecycle: Lifecycle,
  { onStart, batches }: { onStart: OnStart; batches: Iterable<Batch> },
): Promise<Batch[]> {
  const unrested: Batch[] = [];
  for (const batch of batches) {
    const rested = await carefully(core, batch, async () => {
      await finishMerge(core, lifecycle, batch);
      if (batch.status === 'running') await rest(core, lifecycle, { batch, onStart });
    });
    if (rested) continue;
    batch.dormant = true;
    unrested.push(batch);
  }
  return unrested;
}

/** A crash can have cut a merge short: what the batch took over is not to be done twice. */
async function finishMerge(core: Core, lifecycle: Lifecycle, batch: Batch): Promise<void> {
  for (const id of batch.mergedFrom) {
    const source = core.registry.find(id);
    if (source?.status === 'paused' || source?.status === 'pending') await lifecycle.cancel(source);
  }
}

async function rest(
  core: Core,
  lifecycle: Lifecycle,
  { batch, onStart }: { batch: Batch; onStart: OnStart },
): Promise<void> {
  if (batch.interrupted === undefined) await noteInterrupted(core, batch, 0);
  if (onStart === 'pause') await lifecycle.recover(batch, 'interrupted by a stop or crash');
  else if (onStart === 'leave') batch.dormant = true;
  else {
    await lifecycle.goOn(batch);
    note(core, batch, 'goes on after an interruption');
    core.announcer.lifecycle('batch_recovered', batch);
  }
}

/** Reports every batch the last stop interrupted and nobody has asked about, and brings those still left to rest. */
export async function reportInterrupted(core: Core, lifecycle: Lifecycle): Promise<Interrupted[]> {
  const report: Interrupted[] = [];
  for (const batch of [...core.registry.all()]) {
    const isLeft = batch.dormant && batch.status === 'running';
    if (batch.interrupted === undefined && !isLeft) continue;
    if (isLeft) {
      if (batch.interrupted === undefined) await noteInterrupted(core, batch, batch.items.claims.size);
      batch.dormant = false;
      await lifecycle.recover(batch, 'interrupted by a stop or crash');
    }
    report.push({
      batch_id: batch.id,
      remaining_count: batch.items.total - batch.items.settledCount,
      in_flight_count: batch.interrupted?.in_flight ?? 0,
    });
    await lifecycle.reported(batch);
  }
  return report;
}
