/** Keeps the file behind a table recipe for as long as batches may need it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RecipeFiles } from '../../batch/ports.ts';
import type { Recipe } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';

/**
 * Resolves when a durable copy of what the recipe names is there; other recipes need none. Throws BridgeError `preset_invalid` when
 * the file at `path` is no longer the one that was loaded.
 */
export async function keepRecipe(recipe: Recipe, path: string | null, files: RecipeFiles): Promise<void> {
  if (recipe.kind !== 'lut' || path === null || (await files.has(recipe.file))) return;
  const bytes = await readFile(path).catch(() => null);
  const sha256 = bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
  if (bytes === null || sha256 !== recipe.sha256)
    throw new BridgeError(
      'preset_invalid',
      `preset "${recipe.name}" is being changed or was removed; try again`,
      { path },
    );
  await files.save(recipe.file, bytes);
}
