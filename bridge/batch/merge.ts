/** Merging what is left of paused or pending batches of equal operation and config into one new batch. */
import type { Ref, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { hashOf } from './canonical.ts';
import { type Core, takesPhotos } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { toSelection } from './select-items.ts';
import type { Selection } from './selection.ts';
import { createBatchId, launch, newBatch } from './start.ts';

/**
 * One new batch of what is left in paused or pending ones of equal operation and config; those end `cancelled` by the same
 * write that creates it, so that no photo is ever in two batches or in none.
 */
export async function mergeBatches(
  core: Core,
  lifecycle: Lifecycle,
  batches: readonly Batch[],
): Promise<Batch> {
  const first = batches[0];
  if (first === undefined || batches.length < 2)
    throw new BridgeError('bad_request', 'batch_ids must name at least two batches');
  const check = (batch: Batch): void => checkMergeable(batch, first);
  batches.forEach(check);
  checkAwaited(core, batches);
  return lifecycle.atRest(batches, { check, act: () => takeOver(core, lifecycle, batches) });
}

async function takeOver(core: Core, lifecycle: Lifecycle, batches: readonly Batch[]): Promise<Batch> {
  checkAwaited(core, batches);
  const [first] = batches;
  const selection = await whatIsLeft(core, batches);
  if (first === undefined || selection.ids.length === 0)
    throw new BridgeError('unprocessable', 'batch_ids: nothing is left to do in these batches');
  const { config, warnings, recipe, recipeHash } = first;
  const merged = newBatch(core, {
    id: createBatchId(),
    selection,
    prepared: {
      config,
      warnings,
      ...(recipe === undefined ? {} : { recipe }),
      ...(recipeHash === undefined ? {} : { recipeHash }),
    },
    body: mergedBody(batches, first),
  });
  merged.mergedFrom = batches.map((batch) => batch.id);
  keepCrashes(batches, merged);
  // What the user paused only the user resumes.
  const paused = batches.find((batch) => batch.status === 'paused');
  if (paused !== undefined) {
    merged.status = 'paused';
    merged.pausedAt = merged.createdAt;
    merged.holds = paused.holds.filter((hold) => hold.owner === 'user');
  }
  const at = core.clock.iso();
  const ends = batches.map((batch) => {
    return { batch, change: { k: 'action', b: batch.id, action: 'cancel', at } as const };
  });
  await launch(core, lifecycle, { batch: merged, inputs: selection.inputs ?? [] }, ends);
  for (const batch of batches) await lifecycle.cancelled(batch);
  return merged;
}

async function whatIsLeft(core: Core, batches: readonly Batch[]): Promise<Selection> {
  const [first] = batches;
  return first === undefined || takesPhotos(core, first) ? photosLeft(batches) : itemsLeft(core, batches);
}

/** Their numbers are their own batch's, so none of them is another's; units stay whole. */
async function itemsLeft(core: Core, batches: readonly Batch[]): Promise<Selection> {
  const items: { ref: Ref | null; input: unknown }[] = [];
  const units: number[] = [];
  for (const { id, items: table } of batches) {
    if (table.claims.size > 0) throw unsettled(id);
    const open: number[] = [];
    for (let index = 0; index < table.total; index += 1) if (!table.isSettled(index)) open.push(index);
    const inputs = await core.inputs.read(id, open);
    for (const index of open) items.push({ ref: table.refs?.[index] ?? null, input: inputs.get(index)?.v });
    for (const size of unitsLeft(table, open)) units.push(size);
  }
  if (items.length === 0) return { ids: new Float64Array(0), refs: null };
  const isGrouped = units.some((size) => size > 1);
  return toSelection(core, { items, ...(isGrouped && { units }) });
}

/** What an item did elsewhere before a crash must not be done again. */
function unsettled(id: string): BridgeError {
  const remedy = 'resume it, so that this can be found out, or cancel it';
  return new BridgeError(
    'conflict',
    `what became of the items that ${id} had under way is not known yet; ${remedy}`,
  );
}

/** Sizes of the units among the open items, in order. */
function unitsLeft({ units }: Batch['items'], open: readonly number[]): number[] {
  if (units === null) return open.map(() => 1);
  const firsts = open.map((index) => units.membersOf(index)[0] ?? index);
  return [...Map.groupBy(firsts, (first) => first).values()].map(({ length }) => length);
}

function photosLeft(batches: readonly Batch[]): Selection {
  const ids = new Map<number, Ref | null>();
  for (const { items } of batches) {
    for (let index = 0; index < items.total; index += 1) {
      const id = items.ids[index] ?? 0;
      if (!items.isSettled(index) && !ids.has(id)) ids.set(id, items.refs?.[index] ?? null);
    }
  }
  const refs = [...ids.values()];
  return { ids: Float64Array.from(ids.keys()), refs: refs.some((ref) => ref !== null) ? refs : null };
}

/** A photo that brought the host down stays a suspect: at most two crashes, ever. */
function keepCrashes(batches: readonly Batch[], merged: Batch): void {
  for (const { items } of batches) {
    for (const [index, crashes] of items.crashes) {
      const place = merged.items.ids.indexOf(items.ids[index] ?? 0);
      if (place < 0) continue;
      merged.items.crashes.set(place, Math.max(crashes, merged.items.crashes.get(place) ?? 0));
    }
  }
}

/** What any of them waits for the merged one waits for, too. */
function mergedBody(batches: readonly Batch[], first: Batch): StartBody {
  const waiting = batches.filter((batch) => batch.status === 'pending');
  const merged = new Set(batches.map((batch) => batch.id));
  const isSameWebhook =
    first.webhook !== undefined && batches.every(({ webhook }) => webhook?.url === first.webhook?.url);
  const startAt = waiting
    .flatMap((batch) => batch.startAt ?? [])
    .sort((a, b) => Date.parse(a) - Date.parse(b))
    .at(-1);
  return {
    operation: first.operation,
    priority: Math.max(...batches.map((batch) => batch.priority)),
    on_unknown: first.onUnknown,
    session_id: batches.every((batch) => batch.sessionId === first.sessionId) ? first.sessionId : null,
    depends_on: [...new Set(waiting.flatMap((batch) => batch.dependsOn))].filter((id) => !merged.has(id)),
    ...(startAt === undefined ? {} : { start_at: startAt }),
    ...(isSameWebhook && { webhook: { url: first.webhook?.url ?? '' } }),
    ...(first.runWindow === undefined ? {} : { run_window: first.runWindow }),
  };
}

function checkMergeable(batch: Batch, first: Batch): void {
  if (batch.status !== 'paused' && batch.status !== 'pending') {
    throw new BridgeError(
      'illegal_transition',
      `${batch.id} is ${batch.status}; only paused or pending batches merge`,
      {
        batch_status: batch.status,
        allowed_actions: [],
      },
    );
  }
  if (batch.operation !== first.operation || configKey(batch) !== configKey(first)) {
    throw new BridgeError(
      'conflict',
      `${batch.id} and ${first.id} differ in operation, config or run window; only equal ones merge`,
    );
  }
}

/** What another one waits for ends cancelled, and that one would fail for it. */
function checkAwaited(core: Core, batches: readonly Batch[]): void {
  for (const other of core.registry.open()) {
    if (other.status !== 'pending' || batches.includes(other)) continue;
    const awaited = batches.find(({ id }) => other.dependsOn.includes(id));
    if (awaited === undefined) continue;
    throw new BridgeError(
      'conflict',
      `${other.id} waits for ${awaited.id} (depends_on) and would wait in vain; merge it too, or cancel it first`,
    );
  }
}

function configKey(batch: Batch): string {
  return hashOf([batch.config, batch.recipeHash, batch.runWindow, batch.onUnknown]);
}
