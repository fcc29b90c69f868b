/** Merging what is left of paused or pending batches of equal operation and config into one new batch. */
import type { Ref, StartBody } from '../contract/index.ts';
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { hashOf } from './canonical.ts';
import type { Core } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createBatchId, launch, newBatch } from './start.ts';

/** One new batch of what is left in paused or pending ones of equal operation and config; those end `cancelled`. */
export async function mergeBatches(
  core: Core,
  lifecycle: Lifecycle,
  batches: readonly Batch[],
): Promise<Batch> {
  const first = batches[0];
  if (first === undefined) throw new BridgeError('bad_request', 'batch_ids must name at least two batches');
  for (const batch of batches) checkMergeable(batch, first);
  const ids = new Map<number, Ref | null>();
  for (const { items } of batches) {
    for (let index = 0; index < items.total; index += 1) {
      const id = items.ids[index] ?? 0;
      if (!items.isSettled(index) && !ids.has(id)) ids.set(id, items.refs?.[index] ?? null);
    }
  }
  if (ids.size === 0)
    throw new BridgeError('unprocessable', 'batch_ids: nothing is left to do in these batches');
  const merged = newBatch(core, {
    id: createBatchId(),
    selection: {
      ids: Float64Array.from(ids.keys()),
      refs: [...ids.values()].some((ref) => ref !== null) ? [...ids.values()] : null,
    },
    prepared: {
      config: first.config,
      warnings: first.warnings,
      ...(first.recipe === undefined ? {} : { recipe: first.recipe }),
      ...(first.recipeHash === undefined ? {} : { recipeHash: first.recipeHash }),
    },
    body: mergedBody(batches, first),
  });
  // What the user paused only the user resumes.
  if (batches.some((batch) => batch.status === 'paused')) {
    merged.status = 'paused';
    merged.pausedAt = merged.createdAt;
  }
  await launch(core, lifecycle, merged);
  for (const batch of batches) await lifecycle.cancel(batch);
  return merged;
}

function mergedBody(batches: readonly Batch[], first: Batch): StartBody {
  return {
    operation: first.operation,
    priority: Math.max(...batches.map((batch) => batch.priority)),
    on_unknown: first.onUnknown,
    session_id: batches.every((batch) => batch.sessionId === first.sessionId) ? first.sessionId : null,
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
      `${batch.id} and ${first.id} differ in operation or config; only equal ones merge`,
    );
  }
}

function configKey(batch: Batch): string {
  return `${hashOf(batch.config)} ${batch.recipeHash ?? ''}`;
}
