/**
 * What happens by the clock or because another batch ended: scheduled starts, dependencies, run windows, ends of leases
 * and of timed pauses. Looks at every open batch when something is due, at the latest every 15 seconds (the wall clock
 * may jump). In safe mode it starts and resumes nothing.
 */
import type { Hold } from '../contract/index.ts';
import { toError } from '../errors.ts';
import { isInWindow } from '../schedule/daily-window.ts';
import type { Batch } from './batch.ts';
import type { Core } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { isTerminal } from './machine.ts';
import { windowHold } from './run-window.ts';

const LONGEST_MS = 15_000;
const SHORTEST_MS = 5;
/** With thousands of batches a look takes milliseconds: then it rests so many times as long, and what comes meanwhile shares one. */
const REST = 20;
const LONG_LOOK_MS = 1;

export class Timetable {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  /** Monotonic ends of leases, from when they were first seen. */
  readonly #leaseEnds = new WeakMap<Hold, number>();
  #timer: NodeJS.Timeout | null = null;
  /** Monotonic. */
  #dueMs = Number.POSITIVE_INFINITY;
  #restsUntilMs = 0;
  #closed = true;

  constructor(core: Core, lifecycle: Lifecycle) {
    this.#core = core;
    this.#lifecycle = lifecycle;
  }

  open(): void {
    this.#closed = false;
    this.review();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Something new to wait for, or a batch ended: look now, or soon after the last look, and set the timer anew. */
  review(): void {
    if (this.#closed) return;
    const began = this.#core.clock.monotonicMs();
    if (began < this.#restsUntilMs) {
      if (this.#dueMs > this.#restsUntilMs) this.#lookIn(this.#restsUntilMs - began);
      return;
    }
    this.#lookIn(Math.max(SHORTEST_MS, this.#look()));
    const took = this.#core.clock.monotonicMs() - began;
    if (took > LONG_LOOK_MS) this.#restsUntilMs = began + took + REST * took;
  }

  #lookIn(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueMs = this.#core.clock.monotonicMs() + ms;
    this.#timer = setTimeout(() => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.review();
    }, Math.ceil(ms)).unref();
  }

  /** Milliseconds until the next look. */
  #look(): number {
    const now = this.#core.clock.wallMs();
    let wait = LONGEST_MS;
    for (const batch of this.#core.registry.open()) {
      for (const left of this.#timesLeft(batch, now)) if (left > 0) wait = Math.min(wait, left);
      this.#visit(batch, now).catch((thrown: unknown) => {
        this.#core.log.warn({ batch_id: batch.id, error: toError(thrown).message }, 'scheduled step failed');
      });
    }
    return wait;
  }

  *#timesLeft(batch: Batch, now: number): Generator<number> {
    if (batch.status === 'pending' && batch.startAt !== undefined) yield Date.parse(batch.startAt) - now;
    for (const hold of batch.holds) if (hold.until !== undefined) yield this.#leftOf(hold, now);
  }

  /**
   * Milliseconds until a hold ends. A person's time is the wall clock's. A lease is a length of time: it runs on the
   * monotonic clock, so that no jump ends it early or keeps a batch held for hours; over a restart it is never longer
   * than it was when it was given.
   */
  #leftOf(hold: Hold, now: number): number {
    const until = Date.parse(hold.until ?? '');
    if (!isLease(hold)) return until - now;
    const monotonic = this.#core.clock.monotonicMs();
    const known = this.#leaseEnds.get(hold);
    if (known !== undefined) return known - monotonic;
    const left = Math.min(until - now, until - Date.parse(hold.since));
    this.#leaseEnds.set(hold, monotonic + left);
    return left;
  }

  async #visit(batch: Batch, now: number): Promise<void> {
    const isSafeMode = this.#core.safeMode.reason !== null;
    for (const hold of batch.holds) {
      if (hold.until === undefined || this.#leftOf(hold, now) > 0) continue;
      if (isSafeMode && !isLease(hold)) continue;
      // What a batch that has not begun waits for is looked at as a whole.
      if (batch.status === 'pending' && !isLease(hold)) continue;
      await this.#lifecycle.expire(batch, hold);
    }
    if (batch.status === 'pending' && !isSafeMode) return this.#visitPending(batch);
    if (batch.status === 'running' && batch.runWindow !== undefined) await this.#visitWindow(batch, now);
  }

  async #visitPending(batch: Batch): Promise<void> {
    const broken = batch.dependsOn.find((id) => isBroken(this.#core.registry.find(id)));
    if (broken !== undefined) {
      const status = this.#core.registry.find(broken)?.status ?? 'gone';
      return this.#lifecycle.failPending(batch, `depends_on: ${broken} is ${status}`);
    }
    await this.#lifecycle.beginOrWait(batch);
  }

  async #visitWindow(batch: Batch, now: number): Promise<void> {
    if (batch.runWindow === undefined) return;
    const isHeld = batch.holds.some((hold) => hold.owner === 'schedule');
    const isOpen = isInWindow(batch.runWindow, now);
    if (isOpen && isHeld) await this.#lifecycle.lift(batch, 'schedule');
    if (!isOpen && !isHeld)
      await this.#lifecycle.hold(batch, windowHold(batch.runWindow, { now, since: this.#core.clock.iso() }));
  }
}

function isLease(hold: Hold): boolean {
  return hold.owner.startsWith('client:');
}

/** A dependency that can no longer complete. */
function isBroken(batch: Batch | undefined): boolean {
  return batch === undefined || (isTerminal(batch.status) && batch.status !== 'completed');
}
