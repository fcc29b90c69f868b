/** What a batch's config makes of it: the recipe it freezes, its warnings. Writes nothing. */
import { BridgeError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun, operationOf, viewOf } from './core.ts';
import type { PatchFields } from './reduce.ts';

/** `set`: fields to record with the step that makes the batch run. `refusal`: why it cannot go on. */
export type Preparation = { set: PatchFields; refusal: string | null };

/** What a batch from a foreign state file still lacks: it has a config, but no recipe yet. */
export async function prepareLacking(core: Core, batch: Batch): Promise<Preparation> {
  if (batch.recipeHash !== undefined) return { set: {}, refusal: null };
  batch.trouble.isFolderNew = true;
  try {
    const { set } = await prepareConfig(core, batch, batch.config);
    return { set, refusal: null };
  } catch (thrown) {
    if (thrown instanceof BridgeError && thrown.status < 500) return { set: {}, refusal: thrown.message };
    throw thrown;
  }
}

/** This config as its operation keeps it, and the fields that come from it. Throws BridgeError when it cannot be used. */
export async function prepareConfig(
  core: Core,
  batch: Batch,
  given: Batch['config'],
): Promise<{ config: Batch['config']; set: PatchFields }> {
  const operation = operationOf(core, batch);
  const { config, recipe, recipeHash, warnings } = await operation.prepare(batch.id, given);
  const before = openRun(core, batch).folder;
  const { folder } = operation.open({ ...viewOf(core, batch), config, recipe, recipeHash });
  const moves = before !== null && folder !== before && batch.resultsFolder === undefined;
  const set = {
    _warnings: warnings,
    _recipe: recipe ?? null,
    _recipe_hash: recipeHash ?? null,
    ...(moves ? { _results_folder: before } : {}),
  };
  return { config, set };
}
