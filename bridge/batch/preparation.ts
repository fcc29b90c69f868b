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
    return { set: await prepareConfig(core, batch, batch.config), refusal: null };
  } catch (thrown) {
    if (thrown instanceof BridgeError && thrown.status < 500) return { set: {}, refusal: thrown.message };
    throw thrown;
  }
}

/** The fields that come from this config. Throws BridgeError when it cannot be used. */
export async function prepareConfig(core: Core, batch: Batch, config: Batch['config']): Promise<PatchFields> {
  const operation = operationOf(core, batch);
  const { recipe, recipeHash, warnings } = await operation.prepare(batch.id, config);
  const before = openRun(core, batch).folder;
  const { folder } = operation.open({ ...viewOf(core, batch), config, recipe, recipeHash });
  const moves = before !== null && folder !== before && batch.resultsFolder === undefined;
  return {
    _warnings: warnings,
    _recipe: recipe ?? null,
    _recipe_hash: recipeHash ?? null,
    ...(moves ? { _results_folder: before } : {}),
  };
}
