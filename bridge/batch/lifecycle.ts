/**
 * Changes of status, holds and priority: each one checked against the table, on disk, in memory, in the state file,
 * announced, and only then answered. One at a time per batch.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { BatchAction, Failure, Hold, PauseBody, retryFailedBodySchema } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import { type Core, checkWritable, laneOf, note, openRun } from './core.ts';
import { lifecycleEvents } from './lifecycle-events.ts';
import { isTerminal, transition, wrongState } from './machine.ts';
import { settleOrphans, settleOrphansOrSay, tidyUp } from './open-claims.ts';
import { type Preparation, prepareConfig, prepareLacking } from './preparation.ts';
import { findStorageFault } from './readiness.ts';
import { type ActionPayload, type PatchFields, withoutHold } from './reduce.ts';
import { nounOf, putAway, toEnd } from './rest.ts';
import { itemsToRetry } from './retry.ts';
import { waitingHolds, waitingOwners } from './waiting.ts';

/** A pause waits this long for what is on its way to a disk; a disk that hangs must not keep it from answering. */
const CONCLUDE_MS = 1000;

type Step = Omit<ActionPayload, 'k' | 'b' | 'at'>;

/** Nobody asked for these: they say what became of the batch, and are recorded on a full disk too. */
const essentialActions: ReadonlySet<BatchAction> = new Set(['complete', 'fail', 'recover']);

export class Lifecycle {
  readonly #core: Core;
  readonly #onEnded: (batch: Batch) => void;

  /** `onEnded` is told when a batch reached a terminal status. */
  constructor(core: Core, onEnded: (batch: Batch) => void) {
    this.#core = core;
    this.#onEnded = onEnded;
  }

  /**
   * Starts a pending batch whose time has come, or brings up to date what it says it waits for. Does nothing when another
   * look at the timetable has started it.
   */
  beginOrWait(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (batch.status !== 'pending') return;
      const { registry, clock } = this.#core;
      const wanted = waitingHolds(registry, batch, { now: clock.wallMs(), since: clock.iso() });
      if (wanted.length > 0) return this.#wait(batch, wanted);
      if (batch.holds.some((hold) => hold.owner.startsWith('client:'))) return this.#wait(batch, wanted);
      await this.#go(
        batch,
        { action: 'start', set: { _holds: [] } },
        await prepareLacking(this.#core, batch),
      );
    });
  }

  pause(batch: Batch, body: PauseBody): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'pause');
      checkWritable(this.#core);
      const lane = laneOf(this.#core, batch.operation);
      await this.#withdrawn(batch, async () => {
        if (body.mode === 'hard') lane.stop(batch);
        // What has finished counts before the answer, so that only what still runs can settle after it.
        await Promise.race([lane.concluded(), delay(CONCLUDE_MS, undefined, { ref: false })]);
        await this.#act(batch, { action: 'pause', reason: body.reason, until: body.until });
      });
      await this.#putAway(batch);
    });
  }

  resume(batch: Batch): Promise<void> {
    return this.#exclusive(batch, () => this.#resume(batch));
  }

  cancel(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'cancel');
      const lane = laneOf(this.#core, batch.operation);
      await this.#withdrawn(batch, () => this.#act(batch, { action: 'cancel' }));
      lane.stop(batch);
      await this.#putAway(batch);
    });
  }

  retryFailed(batch: Batch, body: z.infer<typeof retryFailedBodySchema>): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'retry');
      const items = itemsToRetry(batch, { codes: body.codes, noun: nounOf(this.#core, batch) });
      const { config } = body;
      if (config === undefined)
        return this.#go(batch, { action: 'retry', items }, await prepareLacking(this.#core, batch));
      const prepared = await prepareConfig(this.#core, batch, config);
      const step = { action: 'retry', items, config: prepared.config ?? config } as const;
      await this.#go(batch, step, { set: prepared.set, refusal: null });
    });
  }

  /** Brings a batch that was running at the last stop to `paused`. */
  recover(batch: Batch, reason: string): Promise<void> {
    return this.#exclusive(batch, () => this.#act(batch, { action: 'recover', reason }));
  }

  /** Hands out a batch that was running at the last stop. */
  goOn(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => this.#go(batch, null, await prepareLacking(this.#core, batch)));
  }

  setPriority(batch: Batch, priority: number): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (isTerminal(batch.status)) throw wrongState(batch.status, 'change its priority');
      await this.#patch(batch, { _priority: priority });
      laneOf(this.#core, batch.operation).renew(batch);
      this.#core.announcer.progress(batch);
    });
  }

  hold(batch: Batch, hold: Hold): Promise<void> {
    return this.#exclusive(batch, () => this.#hold(batch, hold));
  }

  /** Lifts one owner's hold, never another's. Lifting what is not there changes nothing. */
  lift(batch: Batch, owner: string): Promise<void> {
    return this.#exclusive(batch, () => this.#lift(batch, owner));
  }

  /** Ends a hold whose time is up, unless it was renewed or lifted meanwhile. */
  expire(batch: Batch, hold: Hold): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (!batch.holds.includes(hold)) return;
      if (hold.owner !== 'user') await this.#lift(batch, hold.owner);
      else if (batch.status === 'paused') await this.#resume(batch);
    });
  }

  /** The output folder can be written to again. */
  liftStorage(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (!isTerminal(batch.status)) await settleOrphans(this.#core, batch);
      await this.#lift(batch, 'storage');
      // Of an item that met the trouble while the record was on its way.
      if (!isTerminal(batch.status)) await settleOrphans(this.#core, batch);
      await this.#finishIfDone(batch);
    });
  }

  /** To be called whenever a unit ended: completes the batch when nothing is left. */
  unitEnded(batch: Batch): void {
    if (!this.#isDone(batch)) return;
    this.#exclusive(batch, () => this.#finishIfDone(batch)).catch((thrown: unknown) => {
      this.#core.log.error({ err: thrown, batch_id: batch.id }, 'batch could not be completed');
    });
  }

  /** Ends a batch that can never begin. */
  failPending(batch: Batch, reason: string): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (batch.status === 'pending') await this.#fail(batch, reason);
    });
  }

  /**
   * Acts while none of the batches can change and nothing of them is under way; what is under way is stopped. `check`
   * throws when one is not in the right state for it.
   */
  async atRest<T>(
    batches: readonly Batch[],
    { check, act }: { check: (batch: Batch) => void; act: () => Promise<T> },
  ): Promise<T> {
    // In one order for all callers, so that two of them never wait for each other.
    const [first, ...others] = [...batches].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (first === undefined) return act();
    return this.#exclusive(first, async () => {
      check(first);
      const lane = laneOf(this.#core, first.operation);
      lane.stop(first);
      await lane.drained(first);
      return this.atRest(others, { check, act });
    });
  }

  /** For batches at rest, cancelled by a record that also did something else. */
  cancelled(batch: Batch): Promise<void> {
    return this.#acted(batch, { action: 'cancel' });
  }

  reported(batch: Batch): Promise<void> {
    return this.#exclusive(batch, () => this.#patch(batch, { _interrupted: null }));
  }

  /** Hands out a running batch's items, or says what is in the way: a hold of the storage, or an end. */
  async serve(batch: Batch): Promise<void> {
    if (batch.status !== 'running') return;
    batch.dormant = false;
    const run = openRun(this.#core, batch);
    const failure = (await findStorageFault(batch, run)) ?? (await settleOrphansOrSay(this.#core, batch));
    if (failure !== null && failure.code === 'preset_invalid') return this.#fail(batch, failure.message);
    if (batch.holds.length === 0) batch.rate.resume(this.#core.clock.monotonicMs());
    laneOf(this.#core, batch.operation).add(batch, run);
    if (failure !== null) this.holdForStorage(batch, failure);
  }

  holdForStorage(batch: Batch, failure: Failure): void {
    if (batch.holds.some((hold) => hold.owner === 'storage') || isTerminal(batch.status)) return;
    const hold = { owner: 'storage', reason: failure.message, since: this.#core.clock.iso() };
    batch.trouble.isLittered = true;
    // In memory at once: the next item must not run into the same wall while the record is on its way.
    batch.holds = [...batch.holds, hold];
    this.hold(batch, hold).catch((thrown: unknown) => {
      this.#core.log.warn({ err: thrown, batch_id: batch.id }, 'hold not written');
    });
  }

  #exclusive<T>(batch: Batch, action: () => Promise<T>): Promise<T> {
    const { committer, registry } = this.#core;
    return committer.exclusive(batch.id, () => {
      // It may have been cleaned up while the action waited its turn.
      registry.get(batch.id);
      return action();
    });
  }

  async #resume(batch: Batch): Promise<void> {
    transition(batch.status, 'resume');
    await this.#go(batch, { action: 'resume' }, await prepareLacking(this.#core, batch));
  }

  async #hold(batch: Batch, hold: Hold): Promise<void> {
    if (isTerminal(batch.status)) throw wrongState(batch.status, 'be held');
    await this.#patch(batch, { _holds: [...withoutHold(batch, hold.owner), hold] }, hold.owner);
    batch.rate.pause(this.#core.clock.monotonicMs());
    laneOf(this.#core, batch.operation).review();
    note(this.#core, batch, `held by ${hold.owner}: ${hold.reason}`, 'warn');
    this.#core.announcer.hold('hold_placed', batch, hold);
  }

  /** Places and lifts what a pending batch waits for until its holds say so; those of clients stay. */
  async #wait(batch: Batch, wanted: readonly Hold[]): Promise<void> {
    for (const owner of waitingOwners) {
      const hold = wanted.find((one) => one.owner === owner);
      const shown = batch.holds.find((one) => one.owner === owner);
      if (hold === undefined) await this.#lift(batch, owner);
      else if (hold.reason !== shown?.reason) await this.#hold(batch, hold);
    }
  }

  async #lift(batch: Batch, owner: string): Promise<void> {
    const hold = batch.holds.find((held) => held.owner === owner);
    if (hold === undefined) return;
    await this.#patch(batch, { _holds: withoutHold(batch, owner) }, owner);
    if (batch.status === 'running' && batch.holds.length === 0)
      batch.rate.resume(this.#core.clock.monotonicMs());
    laneOf(this.#core, batch.operation).review();
    note(this.#core, batch, `hold of ${owner} lifted`);
    this.#core.announcer.hold('hold_lifted', batch, hold);
  }

  /** Stops handing the batch out, then acts; when that fails it is handed out again. */
  async #withdrawn(batch: Batch, action: () => Promise<void>): Promise<void> {
    laneOf(this.#core, batch.operation).remove(batch);
    try {
      await action();
    } catch (thrown) {
      await this.serve(batch);
      throw thrown;
    }
  }

  /** Takes the step that makes a batch run, in one record with what it lacked, and hands it out. */
  async #go(batch: Batch, step: Step | null, { set, refusal }: Preparation): Promise<void> {
    const isSet = Object.keys(set).length > 0;
    if (step !== null) await this.#act(batch, isSet ? { ...step, set: { ...step.set, ...set } } : step);
    else if (isSet) await this.#patch(batch, set);
    if (refusal !== null) return this.#fail(batch, refusal);
    await this.serve(batch);
    await this.#finishIfDone(batch);
  }

  async #fail(batch: Batch, error: string): Promise<void> {
    if (isTerminal(batch.status)) return;
    laneOf(this.#core, batch.operation).remove(batch);
    await this.#act(batch, { action: 'fail', error });
  }

  /** All settled and cleaned up after, so that nothing of an ended batch is still under way. */
  #isDone(batch: Batch): boolean {
    if (batch.status !== 'running' || batch.items.settledCount < batch.items.total) return false;
    return !laneOf(this.#core, batch.operation).isBusy(batch);
  }

  async #finishIfDone(batch: Batch): Promise<void> {
    if (!this.#isDone(batch)) return;
    const fault = await putAway(this.#core, batch);
    if (fault !== null) return this.holdForStorage(batch, fault);
    laneOf(this.#core, batch.operation).remove(batch);
    await this.#act(batch, toEnd(this.#core, batch));
  }

  /** A batch that does not go on keeps nothing in memory either: now, or once what runs has ended. */
  async #putAway(batch: Batch): Promise<void> {
    const lane = laneOf(this.#core, batch.operation);
    const step = async (): Promise<void> => {
      const fault = batch.status === 'running' ? null : await putAway(this.#core, batch);
      if (fault !== null) note(this.#core, batch, fault.message, 'warn');
    };
    // A drive that hangs must not keep the answer.
    if (!lane.isBusy(batch)) return Promise.race([step(), delay(CONCLUDE_MS, undefined, { ref: false })]);
    void lane
      .drained(batch)
      .then(() => this.#exclusive(batch, step))
      .catch((thrown: unknown) => this.#core.log.warn({ err: thrown, batch_id: batch.id }, 'not put away'));
  }

  /** Transition, on disk, memory, state file, event. */
  async #act(batch: Batch, step: Step): Promise<void> {
    const { committer, clock } = this.#core;
    transition(batch.status, step.action);
    const essential = essentialActions.has(step.action);
    checkWritable(this.#core, { essential });
    const given = Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined)) as Step;
    await committer.commit(batch, { k: 'action', b: batch.id, at: clock.iso(), ...given }, { essential });
    await this.#acted(batch, step);
  }

  async #acted(batch: Batch, step: Step): Promise<void> {
    const { keeper, announcer, clock } = this.#core;
    if (batch.status !== 'running') batch.rate.pause(clock.monotonicMs());
    await keeper.save(batch, { sync: false }).catch(() => undefined);
    note(this.#core, batch, step.error ?? `batch is ${batch.status}`);
    announcer.lifecycle(lifecycleEvents[step.action], batch);
    if (!isTerminal(batch.status)) return;
    this.#onEnded(batch);
    await tidyUp(this.#core, batch);
  }

  /** `by`: the owner of the hold it places or lifts. The storage's own are recorded on a full disk too. */
  async #patch(batch: Batch, set: PatchFields, by?: string): Promise<void> {
    const essential = by === 'storage';
    checkWritable(this.#core, { essential });
    const at = this.#core.clock.iso();
    await this.#core.committer.commit(batch, { k: 'patch', b: batch.id, at, set }, { essential });
  }
}
