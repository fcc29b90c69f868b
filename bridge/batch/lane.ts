/**
 * Hands out the units of one operation: takes items from running batches in fair order, as many as the limiter allows
 * plus a few whose claim is made durable ahead, and runs suspects of a host crash alone. What happens to one is
 * in `unit-run.ts`.
 */
import type { Log } from '../log.ts';
import { type Batch, isServed } from './batch.ts';

import type { Operation, OperationRun } from './ports.ts';
import { Scheduler } from './scheduler.ts';
import { Slots } from './slots.ts';
import { runUnit, type UnitRunParts } from './unit-run.ts';

export type LaneParts = Omit<UnitRunParts, 'slots' | 'isLive' | 'isOpen' | 'onRunEnd'> & {
  operation: Operation;
  log: Log;
  /** Told after every unit that ended, also one that was given back. */
  onUnitEnd: (batch: Batch) => void;
};

export class Lane {
  readonly operation: Operation;
  readonly #parts: LaneParts;
  readonly #scheduler = new Scheduler();
  readonly #slots: Slots;
  readonly #runs = new Map<Batch, OperationRun>();
  readonly #aborts = new Map<Batch, Map<number, AbortController>>();
  readonly #idle: (() => void)[] = [];
  readonly #drains = new Map<Batch, (() => void)[]>();
  readonly #unsubscribe: () => void;
  /** Items whose run has ended and whose result is on its way to the disk. */
  readonly #concluding = new Set<Promise<void>>();
  #active = 0;
  #alone = false;
  #closed = false;
  #pumpQueued = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.operation = parts.operation;
    this.#slots = new Slots(() => (this.#closed ? 0 : this.operation.limiter.limit));
    this.#unsubscribe = this.operation.limiter.onChange(() => {
      // What holds or slows them is part of their status.
      for (const batch of this.#scheduler.batches()) parts.announcer.progress(batch);
      this.review();
    });
  }

  /** From now on the batch's pending items are handed out. */
  add(batch: Batch, run: OperationRun): void {
    this.#runs.set(batch, run);
    this.#scheduler.add(batch);
    this.review();
  }

  /** No more of it is handed out. What runs goes on; what only waits is given back. */
  remove(batch: Batch): void {
    this.#scheduler.remove(batch);
    this.#runs.delete(batch);
    this.#slots.review();
  }

  /** Kills what runs of the batch now. */
  stop(batch: Batch): void {
    for (const abort of this.#aborts.get(batch)?.values() ?? []) abort.abort();
  }

  /** Something of the batch is under way, cleaning up after a settled item included. */
  isBusy(batch: Batch): boolean {
    return this.#aborts.has(batch);
  }

  /** Resolves when nothing of the batch is under way. */
  drained(batch: Batch): Promise<void> {
    if (!this.isBusy(batch)) return Promise.resolve();
    return new Promise((resolve) => this.#drains.set(batch, [...(this.#drains.get(batch) ?? []), resolve]));
  }

  /** Resolves when every result that was on its way to the disk is there. */
  async concluded(): Promise<void> {
    await Promise.all(this.#concluding);
  }

  renew(batch: Batch): void {
    this.#scheduler.renew(batch);
  }

  isServing(batch: Batch): boolean {
    return this.#scheduler.has(batch);
  }

  /** Looks again at what may run: a limit, a hold, a batch or an item changed. Coalesced to one look a tick. */
  review(): void {
    this.#countTime();
    this.#slots.review();
    if (this.#pumpQueued || this.#closed) return;
    this.#pumpQueued = true;
    queueMicrotask(() => {
      this.#pumpQueued = false;
      this.#pump();
    });
  }

  /** Takes no more. Resolves when nothing runs; `hurry` kills what does. */
  async close(hurry: AbortSignal): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    for (const batch of [...this.#scheduler.batches()]) this.#scheduler.remove(batch);
    this.#slots.review();
    const stopAll = (): void => {
      for (const batch of this.#aborts.keys()) this.stop(batch);
    };
    if (hurry.aborted) stopAll();
    else hurry.addEventListener('abort', stopAll);
    if (this.#active > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Time in which all batches are held says nothing of how fast one of them is. */
  #countTime(): void {
    const now = this.#parts.clock.monotonicMs();
    for (const batch of this.#scheduler.batches()) {
      if (this.operation.limiter.hold !== null) batch.rate.pause(now);
      else if (isServed(batch)) batch.rate.resume(now);
    }
  }

  #pump(): void {
    const limit = this.operation.limiter.limit;
    if (limit === 0 || this.#closed) return;
    const ahead = Math.max(1, Math.ceil(limit / 4));
    while (this.#active < limit + ahead && !this.#alone) {
      if (this.#takeSuspect()) return;
      const batch = this.#scheduler.next(
        (candidate) => isServed(candidate) && this.#hasRoom(candidate) && candidate.items.peek() !== null,
      );
      if (batch === null) return;
      this.#run(batch, batch.items.takeUnit());
    }
  }

  #hasRoom(batch: Batch): boolean {
    const atOnce = this.#runs.get(batch)?.atOnce ?? Number.POSITIVE_INFINITY;
    return (this.#aborts.get(batch)?.size ?? 0) < atOnce;
  }

  /** True when a suspect waits: then nothing else is taken until it has run alone. */
  #takeSuspect(): boolean {
    for (const batch of this.#scheduler.batches()) {
      if (!isServed(batch) || batch.items.peekSuspect() === null) continue;
      if (this.#active > 0) return true;
      const index = batch.items.takeSuspect();
      if (index === null) continue;
      this.#alone = true;
      this.#run(batch, [index]);
      return true;
    }
    return false;
  }

  #run(batch: Batch, items: readonly number[]): void {
    const run = this.#runs.get(batch);
    const [first] = items;
    if (run === undefined || first === undefined) return;
    const abort = new AbortController();
    const aborts = this.#aborts.get(batch) ?? new Map<number, AbortController>();
    this.#aborts.set(batch, aborts.set(first, abort));
    this.#active += 1;
    const concluding = Promise.withResolvers<void>();
    const parts: UnitRunParts = {
      ...this.#parts,
      slots: this.#slots,
      isOpen: () => !this.#closed,
      isLive: () => !this.#closed && this.#scheduler.has(batch),
      onRunEnd: () => this.#concluding.add(concluding.promise),
    };
    runUnit(parts, { batch, run, items, signal: abort.signal, alone: this.#alone })
      .catch((thrown: unknown) =>
        this.#parts.log.error({ err: thrown, batch_id: batch.id }, 'unit run broke'),
      )
      .finally(() => {
        concluding.resolve();
        this.#concluding.delete(concluding.promise);
        aborts.delete(first);
        this.#ended(batch, aborts.size === 0);
      });
  }

  #ended(batch: Batch, isDrained: boolean): void {
    this.#active -= 1;
    this.#alone = false;
    if (isDrained) {
      this.#aborts.delete(batch);
      for (const resolve of this.#drains.get(batch) ?? []) resolve();
      this.#drains.delete(batch);
    }
    this.#parts.onUnitEnd(batch);
    if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.review();
  }
}
