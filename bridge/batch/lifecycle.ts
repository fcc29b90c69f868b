/**
 * Changes of status, holds and priority: each one checked against the table, on disk, in memory, in the state file,
 * announced, and only then answered. One at a time per batch.
 */
import type { z } from 'zod';
import type {
  BatchAction,
  BatchLifecycleType,
  Failure,
  Hold,
  PauseBody,
  placeHoldBodySchema,
  retryFailedBodySchema,
} from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, checkWritable, laneOf, note, openRun, operationOf } from './core.ts';
import { isTerminal, transition } from './machine.ts';
import { type ActionPayload, type PatchFields, withoutHold } from './reduce.ts';

const events: Record<BatchAction, BatchLifecycleType> = {
  start: 'batch_started',
  pause: 'batch_paused',
  resume: 'batch_resumed',
  cancel: 'batch_cancelled',
  complete: 'batch_completed',
  fail: 'batch_failed',
  retry: 'batch_resumed',
  recover: 'batch_recovered',
};

export class Lifecycle {
  readonly #core: Core;
  readonly #onEnded: (batch: Batch) => void;

  /** `onEnded` is told when a batch reached a terminal status. */
  constructor(core: Core, onEnded: (batch: Batch) => void) {
    this.#core = core;
    this.#onEnded = onEnded;
  }

  /** Starts a pending batch. */
  begin(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      await this.#act(batch, { action: 'start' });
      if (batch.holds.length > 0) await this.#patch(batch, { _holds: [] });
      await this.serve(batch);
    });
  }

  pause(batch: Batch, body: PauseBody): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'pause');
      const lane = laneOf(this.#core, batch.operation);
      await this.#withdrawn(batch, async () => {
        if (body.mode === 'hard') lane.stop(batch);
        // What has finished counts before the answer, so that only what still runs can settle after it.
        await lane.concluded();
        await this.#act(batch, { action: 'pause', reason: body.reason, until: body.until });
      });
    });
  }

  resume(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'resume');
      const refusal = await this.#prepare(batch);
      await this.#act(batch, { action: 'resume' });
      if (refusal !== null) return this.#fail(batch, refusal);
      await this.serve(batch);
      await this.#finishIfDone(batch);
    });
  }

  cancel(batch: Batch): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'cancel');
      const lane = laneOf(this.#core, batch.operation);
      await this.#withdrawn(batch, () => this.#act(batch, { action: 'cancel' }));
      lane.stop(batch);
    });
  }

  retryFailed(batch: Batch, body: z.infer<typeof retryFailedBodySchema>): Promise<void> {
    return this.#exclusive(batch, async () => {
      transition(batch.status, 'retry');
      const items = failedItems(batch, body.codes);
      if (items.length === 0) throw new BridgeError('unprocessable', noneToRetry(batch, body.codes));
      if (body.config !== undefined) await this.#reprepare(batch, body.config);
      const config = body.config === undefined ? {} : { config: body.config };
      await this.#act(batch, { action: 'retry', items, ...config });
      await this.serve(batch);
    });
  }

  /** Brings a batch that was running at the last stop to `paused`. */
  recover(batch: Batch, reason: string): Promise<void> {
    return this.#exclusive(batch, () => this.#act(batch, { action: 'recover', reason }));
  }

  setPriority(batch: Batch, priority: number): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (isTerminal(batch.status)) throw wrongState(batch, 'change its priority');
      await this.#patch(batch, { _priority: priority });
      laneOf(this.#core, batch.operation).renew(batch);
      this.#core.announcer.progress(batch);
    });
  }

  placeHold(batch: Batch, body: z.infer<typeof placeHoldBodySchema>): Promise<void> {
    const { clock } = this.#core;
    const until = new Date(clock.wallMs() + body.lease_s * 1000).toISOString();
    return this.hold(batch, {
      owner: `client:${body.client}`,
      reason: body.reason,
      since: clock.iso(),
      until,
    });
  }

  hold(batch: Batch, hold: Hold): Promise<void> {
    return this.#exclusive(batch, async () => {
      if (isTerminal(batch.status)) throw wrongState(batch, 'be held');
      await this.#patch(batch, { _holds: [...withoutHold(batch, hold.owner), hold] });
      batch.rate.pause(this.#core.clock.monotonicMs());
      laneOf(this.#core, batch.operation).review();
      note(this.#core, batch, `held by ${hold.owner}: ${hold.reason}`, 'warn');
      this.#core.announcer.hold('hold_placed', batch, hold);
    });
  }

  /** Lifts one owner's hold, never another's. Lifting what is not there changes nothing. */
  lift(batch: Batch, owner: string): Promise<void> {
    return this.#exclusive(batch, async () => {
      const hold = batch.holds.find((held) => held.owner === owner);
      if (hold === undefined) return;
      await this.#patch(batch, { _holds: withoutHold(batch, owner) });
      if (batch.status === 'running' && batch.holds.length === 0)
        batch.rate.resume(this.#core.clock.monotonicMs());
      laneOf(this.#core, batch.operation).review();
      note(this.#core, batch, `hold of ${owner} lifted`);
      this.#core.announcer.hold('hold_lifted', batch, hold);
    });
  }

  /** To be called whenever an item ended: completes the batch when nothing is left. */
  itemEnded(batch: Batch): void {
    if (batch.status !== 'running' || !isDone(batch)) return;
    this.#exclusive(batch, () => this.#finishIfDone(batch)).catch((thrown: unknown) => {
      this.#core.log.error({ err: thrown, batch_id: batch.id }, 'batch could not be completed');
    });
  }

  /** Ends a batch that cannot go on. */
  fail(batch: Batch, reason: string): Promise<void> {
    return this.#exclusive(batch, () => this.#fail(batch, reason));
  }

  reported(batch: Batch): Promise<void> {
    return this.#exclusive(batch, () => this.#patch(batch, { _interrupted: null }));
  }

  /** Hands out a running batch's items, or says what is in the way: a hold of the storage, or an end. */
  async serve(batch: Batch): Promise<void> {
    if (batch.status !== 'running') return;
    batch.dormant = false;
    const run = openRun(this.#core, batch);
    const failure = await run.ready();
    if (failure !== null && failure.code === 'preset_invalid') return this.#fail(batch, failure.message);
    if (batch.holds.length === 0) batch.rate.resume(this.#core.clock.monotonicMs());
    laneOf(this.#core, batch.operation).add(batch, run);
    if (failure !== null) this.holdForStorage(batch, failure);
  }

  holdForStorage(batch: Batch, failure: Failure): void {
    if (batch.holds.some((hold) => hold.owner === 'storage') || isTerminal(batch.status)) return;
    const hold = { owner: 'storage', reason: failure.message, since: this.#core.clock.iso() };
    // In memory at once: the next item must not run into the same wall while the record is on its way.
    batch.holds = [...batch.holds, hold];
    this.hold(batch, hold).catch((thrown: unknown) => {
      this.#core.log.warn({ err: thrown, batch_id: batch.id }, 'hold not written');
    });
  }

  #exclusive<T>(batch: Batch, action: () => Promise<T>): Promise<T> {
    return this.#core.committer.exclusive(batch.id, action);
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

  async #fail(batch: Batch, error: string): Promise<void> {
    if (isTerminal(batch.status)) return;
    laneOf(this.#core, batch.operation).remove(batch);
    await this.#act(batch, { action: 'fail', error });
  }

  async #finishIfDone(batch: Batch): Promise<void> {
    if (batch.status !== 'running' || !isDone(batch)) return;
    laneOf(this.#core, batch.operation).remove(batch);
    if (batch.items.counts().processed > 0) return this.#act(batch, { action: 'complete' });
    await this.#act(batch, {
      action: 'fail',
      error: `none of ${batch.items.total} photos could be processed`,
    });
  }

  /** Transition, on disk, memory, state file, event. */
  async #act(batch: Batch, action: Omit<ActionPayload, 'k' | 'b' | 'at'>): Promise<void> {
    const { committer, keeper, announcer, clock } = this.#core;
    const next = transition(batch.status, action.action);
    checkWritable(this.#core);
    const given = Object.fromEntries(Object.entries(action).filter(([, value]) => value !== undefined));
    await committer.commit(batch, { k: 'action', b: batch.id, at: clock.iso(), ...(given as typeof action) });
    if (next !== 'running') batch.rate.pause(clock.monotonicMs());
    await keeper.save(batch, { sync: false }).catch(() => undefined);
    note(this.#core, batch, action.error ?? `batch is ${batch.status}`);
    announcer.lifecycle(events[action.action], batch);
    if (isTerminal(batch.status)) this.#onEnded(batch);
  }

  async #patch(batch: Batch, set: PatchFields): Promise<void> {
    checkWritable(this.#core);
    await this.#core.committer.commit(batch, { k: 'patch', b: batch.id, at: this.#core.clock.iso(), set });
  }

  /** A batch that came from a foreign state file has no recipe yet. Answers why it cannot go on, or null. */
  async #prepare(batch: Batch): Promise<string | null> {
    if (batch.recipeHash !== undefined) return null;
    try {
      await this.#reprepare(batch, batch.config);
      return null;
    } catch (thrown) {
      if (thrown instanceof BridgeError && thrown.status < 500) return thrown.message;
      throw thrown;
    }
  }

  async #reprepare(batch: Batch, config: Batch['config']): Promise<void> {
    const prepared = await operationOf(this.#core, batch).prepare(batch.id, config);
    await this.#patch(batch, {
      _warnings: prepared.warnings,
      ...(prepared.recipe === undefined ? {} : { _recipe: prepared.recipe }),
      ...(prepared.recipeHash === undefined ? {} : { _recipe_hash: prepared.recipeHash }),
    });
  }
}

function isDone(batch: Batch): boolean {
  return batch.items.settledCount === batch.items.total;
}

function failedItems(batch: Batch, codes: readonly string[] | undefined): number[] {
  const items: number[] = [];
  for (let index = 0; index < batch.items.total; index += 1) {
    if (batch.items.state(index) !== 'failed') continue;
    if (codes === undefined || codes.includes(batch.items.failureCode(index))) items.push(index);
  }
  return items;
}

function noneToRetry(batch: Batch, codes: readonly string[] | undefined): string {
  const found = Object.keys(batch.items.failureCounts()).join(', ') || 'none';
  return codes === undefined
    ? 'no photo of this batch failed'
    : `no photo of this batch failed with ${codes.join(', ')} (codes there are: ${found})`;
}

function wrongState(batch: Batch, what: string): BridgeError {
  return new BridgeError('illegal_transition', `a ${batch.status} batch cannot ${what}`, {
    batch_status: batch.status,
    allowed_actions: [],
  });
}
