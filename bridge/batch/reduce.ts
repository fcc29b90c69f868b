/**
 * Applies one journal payload to a batch in memory. The live path and recovery both go through here, so that what
 * is replayed is what was. Never writes, never announces; a record that no longer fits (a late result of a cancelled
 * batch, an item counted before) changes nothing and answers false.
 */
import type { BatchAction, JournalPayload, StoredResult } from '../contract/index.ts';
import type { Batch } from './batch.ts';
import { isTerminal, nextStatus } from './machine.ts';

type BatchPayload = Exclude<
  JournalPayload,
  { k: 'quarantined' | 'checkpoint' | 'daemon' | 'created' | 'removed' | 'cleaned' }
>;
export type ActionPayload = Extract<JournalPayload, { k: 'action' }>;

export function applyPayload(batch: Batch, payload: BatchPayload): boolean {
  switch (payload.k) {
    case 'action':
      return applyAction(batch, payload);
    case 'patch':
      return applyPatch(batch, payload.set);
    case 'claim':
      if (isTerminal(batch.status) || batch.items.isSettled(payload.i)) return false;
      batch.items.claim(payload.i, { attempt: payload.a, name: payload.n });
      return true;
    case 'release':
      for (const index of payload.items) {
        if (batch.items.claims.has(index)) {
          batch.items.release(index, { spent: payload.lost, crashed: payload.lost });
          if (payload.suspect) batch.items.suspect(index);
        }
      }
      return true;
    case 'again':
      if (!batch.items.claims.has(payload.i)) return false;
      batch.items.release(payload.i, { spent: true });
      return true;
    case 'done':
    case 'failed':
      return applyResult(batch, payload.r);
  }
}

function applyResult(batch: Batch, result: StoredResult): boolean {
  if (isTerminal(batch.status) || batch.items.isSettled(result.i)) return false;
  batch.items.settle(result.i, result.s, result.a, result.f?.code);
  batch.recent.set(result.i, result);
  batch.warningsCount += result.w?.length ?? 0;
  return true;
}

function applyAction(batch: Batch, payload: ActionPayload): boolean {
  const next = nextStatus(batch.status, payload.action);
  if (next === null) return false;
  batch.status = next;
  effects[payload.action](batch, payload);
  if (payload.set !== undefined) applyPatch(batch, payload.set);
  return true;
}

const effects: Record<BatchAction, (batch: Batch, payload: ActionPayload) => void> = {
  start: (batch, { at }) => {
    batch.startedAt = at;
  },
  pause: (batch, { at, reason, until }) => {
    batch.pausedAt = at;
    const hold = { owner: 'user', reason: reason ?? 'paused by the user', since: at };
    batch.holds = [...withoutHold(batch, 'user'), until === undefined ? hold : { ...hold, until }];
  },
  resume: (batch, { at }) => {
    batch.pausedAt = null;
    batch.startedAt ??= at;
    batch.holds = withoutHold(batch, 'user');
  },
  cancel: (batch, { at }) => {
    end(batch, at);
  },
  complete: (batch, { at }) => {
    end(batch, at);
  },
  fail: (batch, { at, error }) => {
    end(batch, at);
    batch.error = error;
  },
  retry: (batch, { at, items = [], config }) => {
    batch.completedAt = null;
    batch.startedAt ??= at;
    batch.error = undefined;
    if (config !== undefined) batch.config = config;
    for (const index of items) {
      // A photo that crashed its host as often as it ever may stays failed, with the same code and words.
      if (batch.items.state(index) !== 'failed' || batch.items.isGuilty(index)) continue;
      batch.items.reopen(index);
      batch.recent.delete(index);
    }
  },
  recover: (batch, { at, reason }) => {
    batch.pausedAt = at;
    const hold = { owner: 'user', reason: reason ?? 'recovered after an interruption', since: at };
    batch.holds = [...withoutHold(batch, 'user'), hold];
  },
};

/** Claims stay open until what they wrote is taken back, so that a crash in between leaves nothing behind. */
function end(batch: Batch, at: string): void {
  batch.completedAt = at;
  batch.holds = [];
  for (const index of batch.items.claims.keys()) batch.items.withdraw(index);
}

export function withoutHold(batch: Batch, owner: string): Batch['holds'] {
  return batch.holds.filter((hold) => hold.owner !== owner);
}

/** The fields that a `patch` record may set, by their key in the state file. `null` clears. */
export type PatchFields = {
  _priority?: number;
  _holds?: Batch['holds'];
  _interrupted?: NonNullable<Batch['interrupted']> | null;
  _warnings?: string[];
  _recipe?: NonNullable<Batch['recipe']> | null;
  _recipe_hash?: string | null;
  _results_folder?: string;
  _webhook?: NonNullable<Batch['webhook']>;
};

function applyPatch(batch: Batch, set: PatchFields): boolean {
  if (set._priority !== undefined) batch.priority = set._priority;
  if (set._holds !== undefined) batch.holds = set._holds;
  if (set._interrupted !== undefined) batch.interrupted = set._interrupted ?? undefined;
  if (set._warnings !== undefined) batch.warnings = set._warnings;
  if (set._recipe !== undefined) batch.recipe = set._recipe ?? undefined;
  if (set._recipe_hash !== undefined) batch.recipeHash = set._recipe_hash ?? undefined;
  if (set._results_folder !== undefined) batch.resultsFolder = set._results_folder;
  if (set._webhook !== undefined) batch.webhook = set._webhook;
  return true;
}
