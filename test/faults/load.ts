/**
 * The client of a campaign of kills: over many lives of a daemon it keeps batches running and keeps changing them, and
 * tells the oracle what was asked for and what was answered. It kills nothing and judges nothing.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ActionAnswer,
  type BatchStatusObject,
  BridgeProblem,
  type ChangeAnswer,
  type StartAnswer,
  type StartRequest,
} from '../../bridge/client/index.ts';
import { type BatchStatus, batchStatuses } from '../../bridge/contract/index.ts';
import type { BatchLedger, Change } from '../helpers/oracle/batch-ledger.ts';
import type { MergeIntent } from '../helpers/oracle/merge-ledger.ts';
import type { Oracle } from '../helpers/oracle.ts';
import { createRecipe, type Recipe, repeatRecipe, type Sources } from './batch-recipes.ts';
import type { Step, StepKind } from './kill-plan.ts';
import type { Life } from './life.ts';
import { createRandom } from './random.ts';

/** Enough that a life never runs out of photos before it is killed. */
const LEAST_WORK = 150;
const MOST_OPEN = 5;
const LEASE_S = 36_000;
const PLUGINS = ['lightroom', 'capture'] as const;

type OneBatchKind = Exclude<StepKind, 'start' | 'repeat-start' | 'merge' | 'register' | 'dry-cleanup'>;
const fits: Record<OneBatchKind, (ledger: BatchLedger) => boolean> = {
  pause: (ledger) => ledger.may('running'),
  'hard-pause': (ledger) => ledger.may('running'),
  resume: (ledger) => ledger.may('paused'),
  cancel: isOpen,
  priority: isOpen,
  hold: isOpen,
  lift: isOpen,
  retry: (ledger) => ledger.may('completed') && (ledger.expects?.bad.size ?? 0) > 0,
};

export type LoadParts = {
  oracle: Oracle;
  dataDir: string;
  sources: Sources;
  /** Files to be registered while it lives. */
  extra: readonly string[];
};

export class Load {
  readonly #oracle: Oracle;
  readonly #parts: LoadParts;
  readonly #recipes = new Map<number, Recipe>();
  readonly #mergeKeys = new Map<BatchLedger, string>();
  readonly #busy = new Set<BatchLedger>();
  /** Requests answered with 2xx, and those that a death left without an answer. */
  readonly count = { answered: 0, unanswered: 0 };
  #nextNumber = 1;
  #nextExtra = 0;

  constructor(parts: LoadParts) {
    this.#parts = parts;
    this.#oracle = parts.oracle;
  }

  /** First thing in a life: what rested goes on, and there is enough to do. */
  async greet(life: Life, round: { mergesFirst: boolean; liftsHolds: boolean; seed: number }): Promise<void> {
    if (round.mergesFirst) await this.#merge(life, 0);
    let begun = false;
    for (const ledger of this.#open()) {
      if (round.liftsHolds) for (const client of PLUGINS) await this.#lift(life, ledger, client);
      if (!ledger.may('paused')) continue;
      await this.#resume(life, ledger);
      begun = true;
    }
    while (this.#workLeft() < LEAST_WORK) {
      const ledger = await this.#start(life, round.seed);
      if (ledger === null) return;
      // After three unclean ends nothing renders by itself until something is resumed.
      if (!begun) await this.#resume(life, ledger);
      begun = true;
    }
  }

  /** Makes one change after the other until `signal`; at its end it begins again, each time with more time in between. */
  async run(life: Life, steps: readonly Step[], signal: AbortSignal): Promise<void> {
    for (let turn = 1; !signal.aborted; turn += 1) {
      for (const step of steps) {
        await delay(step.waitMs * turn, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        await this.#make(life, step);
      }
    }
  }

  /** Everything that can run goes on until it ends, or until nothing has moved for so long. */
  async finish(life: Life, standstillMs: number): Promise<void> {
    for (const ledger of this.#open()) for (const client of PLUGINS) await this.#lift(life, ledger, client);
    for (const ledger of this.#open()) if (ledger.may('paused')) await this.#resume(life, ledger);
    let settled = -1;
    let movedAt = performance.now();
    for (;;) {
      const { batches } = await life.client.batches.list({ limit: 1000 });
      const open = batches.filter(({ status }) => ['pending', 'running', 'paused'].includes(status));
      if (open.length === 0) return;
      const now = batches.reduce((sum, batch) => sum + batch.processed_count + batch.failed_count, 0);
      if (now !== settled) movedAt = performance.now();
      settled = now;
      if (performance.now() - movedAt > standstillMs) return this.#reportStandstill(open);
      await delay(50);
    }
  }

  #reportStandstill(open: readonly BatchStatusObject[]): void {
    for (const { batch_id, status, holds, pending_count, in_flight_count } of open) {
      const how = `${status}, ${pending_count} pending, ${in_flight_count} in flight, holds ${JSON.stringify(holds)}`;
      this.#oracle.findings.add('lostPhotos', `${batch_id} does not go on: ${how}`);
    }
  }

  async #make(life: Life, step: Step): Promise<void> {
    switch (step.kind) {
      case 'start':
        if (this.#open().length < MOST_OPEN) await this.#start(life, step.value);
        return;
      case 'repeat-start':
        return this.#repeatStart(life, step);
      case 'merge':
        return this.#merge(life, step.pick);
      case 'register':
        return this.#register(life);
      case 'dry-cleanup':
        await this.#ask(() => life.client.batches.cleanup({ days_old: 0, dry_run: true }));
        return;
      default:
        return this.#makeOne(life, step.kind, step);
    }
  }

  /** A change of one batch; nothing when none is fit for it. */
  async #makeOne({ client: { batches } }: Life, kind: OneBatchKind, step: Step): Promise<void> {
    const ledger = this.#pick(step, fits[kind]);
    if (ledger === null) return;
    const { id } = ledger;
    const client = PLUGINS[Math.floor(step.value * PLUGINS.length)] ?? PLUGINS[0];
    const priority = 1 + Math.floor(step.value * 10);
    const made: Record<OneBatchKind, [Change, () => Promise<ChangeAnswer | ActionAnswer>]> = {
      pause: [{ kind: 'pause' }, () => batches.pause(id, { mode: 'soft' })],
      'hard-pause': [{ kind: 'pause' }, () => batches.pause(id, { mode: 'hard' })],
      resume: [{ kind: 'resume' }, () => batches.resume(id)],
      cancel: [{ kind: 'cancel' }, () => batches.cancel(id)],
      retry: [{ kind: 'retry' }, () => batches.retryFailed(id)],
      priority: [{ kind: 'priority', priority }, () => batches.setPriority(id, priority)],
      hold: [
        { kind: 'hold', client },
        () => batches.placeHold(id, { client, reason: 'export', lease_s: LEASE_S }),
      ],
      lift: [{ kind: 'lift', client }, () => batches.liftHold(id, { client })],
    };
    await this.#change(ledger, ...made[kind]);
  }

  /** Batches that can still do something, as far as is known. */
  #open(): BatchLedger[] {
    return [...this.#oracle.batches.values()].filter(isOpen);
  }

  #pick(step: Step, isFit: (ledger: BatchLedger) => boolean): BatchLedger | null {
    const fitting = [...this.#oracle.batches.values()].filter(
      (ledger) => !this.#busy.has(ledger) && isFit(ledger),
    );
    return fitting[Math.floor(step.pick * fitting.length)] ?? null;
  }

  #workLeft(): number {
    return this.#open().reduce((sum, { expects, settled }) => sum + (expects?.photos ?? 0) - settled.size, 0);
  }

  #resume(life: Life, ledger: BatchLedger): Promise<void> {
    return this.#change(ledger, { kind: 'resume' }, () => life.client.batches.resume(ledger.id));
  }

  async #lift(life: Life, ledger: BatchLedger, client: string): Promise<void> {
    await this.#change(ledger, { kind: 'lift', client }, () =>
      life.client.batches.liftHold(ledger.id, { client }),
    );
  }

  async #start(life: Life, seed: number): Promise<BatchLedger | null> {
    const number = this.#nextNumber++;
    const random = createRandom(Math.floor(seed * 2 ** 32) + number);
    const over = [...this.#recipes].find(([session, recipe]) => recipe.isRepeatable && this.#isOver(session));
    const recipe =
      over !== undefined && random.next() < 0.5
        ? repeatRecipe(over[1], number)
        : createRecipe(this.#parts.sources, random, number);
    this.#recipes.set(number, recipe);
    const { folder } = recipe;
    // A stranger's files are seen before the first output.
    if (folder !== null) this.#oracle.outputs.watch(folder.path, folder);
    const ownFolder = (batchId: string) => join(this.#parts.dataDir, 'outputs', batchId);
    this.#oracle.startAsked({
      session: number,
      expects: recipe.expects,
      folderOf: (batchId) =>
        folder === null
          ? { path: ownFolder(batchId), isNew: true, replaces: false }
          : { ...folder, isNew: false },
    });
    return this.#send(life, number, recipe);
  }

  /** The same key again: the same batch, whether its answer ever came or not. */
  async #repeatStart(life: Life, step: Step): Promise<void> {
    const number = 1 + Math.floor(step.pick * (this.#nextNumber - 1));
    const recipe = this.#recipes.get(number);
    if (recipe !== undefined) await this.#send(life, number, recipe);
  }

  async #send(life: Life, number: number, recipe: Recipe): Promise<BatchLedger | null> {
    const body: StartRequest = recipe.body;
    const answer = await this.#ask(() =>
      life.client.batches.start(body, { idempotencyKey: `key ${number}` }),
    );
    if (answer === null) return null;
    if (answer.photo_count !== recipe.expects.photos)
      this.#oracle.findings.add(
        'lostPhotos',
        `${answer.batch_id} was started with ${answer.photo_count} photos`,
      );
    return this.#oracle.started(number, answer.batch_id);
  }

  #isOver(session: number): boolean {
    const ledger = this.#oracle.batches.get(this.#oracle.batchOf(session) ?? '');
    return ledger !== undefined && !ledger.may('running') && !ledger.may('paused') && ledger.may('completed');
  }

  async #merge(life: Life, pick: number): Promise<void> {
    const paused = this.#open().filter(
      (ledger) => !this.#busy.has(ledger) && ledger.may('paused') && this.#mergeKeyOf(ledger) !== null,
    );
    const first = paused[Math.floor(pick * paused.length)];
    if (first === undefined) return;
    const key = this.#mergeKeyOf(first);
    const second = paused.find((ledger) => ledger !== first && this.#mergeKeyOf(ledger) === key);
    if (second === undefined || key === null) return;
    this.#busy.add(first).add(second);
    await this.#mergeTwo(life, [first, second], key);
    this.#busy.delete(first);
    this.#busy.delete(second);
  }

  #mergeKeyOf(ledger: BatchLedger): string | null {
    const number = [...this.#recipes.keys()].find((session) => this.#oracle.batchOf(session) === ledger.id);
    const recipe = number === undefined ? undefined : this.#recipes.get(number);
    return recipe?.mergeKey ?? this.#mergeKeys.get(ledger) ?? null;
  }

  async #mergeTwo(life: Life, sources: [BatchLedger, BatchLedger], key: string): Promise<void> {
    const status = await this.#ask(() => life.client.batches.status(sources[0].id));
    const other = await this.#ask(() => life.client.batches.status(sources[1].id));
    if (status === null || other === null) return;
    const intent: MergeIntent = {
      sources,
      expects: {
        priority: Math.max(status.priority, other.priority),
        status: 'paused',
        bad: new Set(sources.flatMap(({ expects }) => [...(expects?.bad ?? [])])),
        maySkip: false,
      },
    };
    this.#oracle.merges.ask(intent);
    const answer = await this.#ask<StartAnswer>(
      () => life.client.batches.merge(sources.map(({ id }) => id)),
      () => this.#oracle.merges.refused(intent),
    );
    if (answer !== null) this.#mergeKeys.set(this.#oracle.merged(intent, answer), key);
  }

  async #register(life: Life): Promise<void> {
    const paths = this.#parts.extra.slice(this.#nextExtra, this.#nextExtra + 3);
    this.#nextExtra += paths.length;
    if (paths.length === 0) return;
    const answer = await this.#ask(() => life.client.photos.add({ paths: [...paths] }));
    if (answer !== null) this.#oracle.registered(answer.photos);
  }

  async #change(
    ledger: BatchLedger,
    change: Change,
    call: () => Promise<ChangeAnswer | ActionAnswer>,
  ): Promise<void> {
    if (this.#busy.has(ledger)) return;
    this.#busy.add(ledger);
    ledger.begin(change);
    const answer = await this.#ask(call, (problem) => ledger.refused(statusOf(problem)));
    if (answer !== null) ledger.answered('seq' in answer ? answer : undefined);
    this.#busy.delete(ledger);
  }

  /** Null: refused, or the daemon is dead (then the oracle leaves open what became of it). */
  async #ask<T>(call: () => Promise<T>, onRefused?: (problem: BridgeProblem) => void): Promise<T | null> {
    try {
      const answer = await call();
      this.count.answered += 1;
      return answer;
    } catch (error) {
      if (!(error instanceof BridgeProblem)) throw error;
      if (error.status === 0) this.count.unanswered += 1;
      if (error.status === 0) return null;
      onRefused?.(error);
      if (error.status !== 409 && error.status !== 422)
        this.#oracle.findings.add('other', `refused with ${error.status}: ${error.message}`);
      return null;
    }
  }
}

function isOpen(ledger: BatchLedger): boolean {
  return ledger.may('running') || ledger.may('paused');
}

function statusOf({ problem }: BridgeProblem): BatchStatus | undefined {
  return batchStatuses.find((status) => status === problem.batch_status);
}
