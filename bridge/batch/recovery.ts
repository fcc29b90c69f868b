/**
 * From what is on disk at start to batches in memory: snapshot, then the journal after it; open claims adopted or put
 * back; batches that were running brought to rest. `POST /batch/recover` reports what this found.
 */
import type { JournalPayload, Settings } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, note, openRun } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LoadedState } from './ports.ts';
import { applyPayload } from './reduce.ts';
import { fromStateFile } from './state-file.ts';

export type Interrupted = { batch_id: string; remaining_count: number; in_flight_count: number };
type OnStart = Settings['recovery']['on_start'];

/** Fills the registry. Nothing is written yet. Answers the batches whose removal a crash may have cut short. */
export function loadBatches(core: Core, loaded: LoadedState): string[] {
  const removed: string[] = [];
  /** The first record kept of each batch: its snapshot may be an unsynced one, so the journal is still needed from there. */
  const firstSeqs = new Map<string, number>();
  const batches = new Map<string, Batch>();
  for (const { file } of loaded.snapshots) {
    try {
      batches.set(file.batch_id, fromStateFile(file));
    } catch (thrown) {
      core.log.error(
        { batch_id: file.batch_id, error: toError(thrown).message },
        'state file not understood',
      );
    }
  }
  for (const { seq, payload } of loaded.records) {
    replay(batches, seq, payload);
    if ('b' in payload && !firstSeqs.has(payload.b)) firstSeqs.set(payload.b, seq);
    if (payload.k === 'removed') removed.push(payload.b);
  }
  const ordered = [...batches.values()].sort((a, b) =>
    a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0,
  );
  for (const batch of ordered) {
    core.registry.add(batch);
    const firstSeq = firstSeqs.get(batch.id);
    if (firstSeq !== undefined) core.keeper.touch(batch, firstSeq);
  }
  return removed.filter((id) => !batches.has(id));
}

function replay(batches: Map<string, Batch>, seq: number, payload: JournalPayload): void {
  switch (payload.k) {
    case 'quarantined':
    case 'checkpoint':
    case 'daemon':
      return;
    case 'created':
      if (!batches.has(payload.b)) batches.set(payload.b, fromStateFile({ ...payload.file, _seq: seq }));
      return;
    case 'removed':
      batches.delete(payload.b);
      return;
    default: {
      const batch = batches.get(payload.b);
      if (batch === undefined) return;
      if (seq > batch.seq) {
        applyPayload(batch, payload);
        batch.seq = seq;
      } else if (payload.k === 'done' || payload.k === 'failed') {
        // A snapshot can be ahead of the item log: what the item became is in the one, its result only here.
        batch.recent.set(payload.r.i, payload.r);
      }
    }
  }
}

/** Open claims: outputs that are ours and complete count, the rest is put back without blame and without a spent attempt. */
export async function settleClaims(core: Core): Promise<void> {
  for (const batch of core.registry.all()) {
    if (batch.items.claims.size === 0) {
      if (batch.status === 'running') await openRun(core, batch).sweep();
      continue;
    }
    const run = openRun(core, batch);
    const back: number[] = [];
    const inFlight = batch.items.claims.size;
    for (const [index, claim] of [...batch.items.claims]) {
      const item = {
        index,
        photoId: batch.items.ids[index] ?? 0,
        ref: batch.items.refs?.[index] ?? null,
        attempt: claim.attempt,
      };
      const result = await run.adopt(item, claim.name);
      if (result === null) {
        back.push(index);
        await run.discard(item, claim.name);
        continue;
      }
      const k = result.s === 'failed' ? 'failed' : 'done';
      await core.committer.commit(batch, { k, b: batch.id, r: { i: index, a: claim.attempt, ...result } });
      await run.settled(item, claim.name);
    }
    if (back.length > 0) {
      await core.committer.commit(batch, { k: 'release', b: batch.id, items: back, lost: false });
      for (const index of back) batch.items.offer(index);
    }
    await run.sweep();
    await noteInterrupted(core, batch, inFlight);
  }
}

async function noteInterrupted(core: Core, batch: Batch, inFlight: number): Promise<void> {
  if (batch.status !== 'running') return;
  const set = { _interrupted: { in_flight: inFlight, at: core.clock.iso() } };
  await core.committer.commit(batch, { k: 'patch', b: batch.id, at: core.clock.iso(), set });
}

/** What was running comes to rest, goes on, or is left for `POST /batch/recover`, as the setting says. */
export async function restAfterStart(core: Core, lifecycle: Lifecycle, onStart: OnStart): Promise<void> {
  for (const batch of core.registry.open()) {
    if (batch.status !== 'running') continue;
    if (batch.interrupted === undefined) await noteInterrupted(core, batch, 0);
    if (onStart === 'pause') await lifecycle.recover(batch, 'interrupted by a stop or crash');
    else if (onStart === 'leave') batch.dormant = true;
    else {
      await lifecycle.serve(batch);
      lifecycle.itemEnded(batch);
      note(core, batch, 'goes on after an interruption');
      core.announcer.lifecycle('batch_recovered', batch);
    }
  }
}

/** Reports every batch the last stop interrupted and nobody has asked about, and brings those still left to rest. */
export async function reportInterrupted(core: Core, lifecycle: Lifecycle): Promise<Interrupted[]> {
  const report: Interrupted[] = [];
  for (const batch of [...core.registry.all()]) {
    if (batch.interrupted === undefined) continue;
    if (batch.dormant && batch.status === 'running') {
      batch.dormant = false;
      await lifecycle.recover(batch, 'interrupted by a stop or crash');
    }
    report.push({
      batch_id: batch.id,
      remaining_count: batch.items.total - batch.items.settledCount,
      in_flight_count: batch.interrupted.in_flight,
    });
    await lifecycle.reported(batch);
  }
  return report;
}
