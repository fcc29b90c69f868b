/** The identity of a recipe: equal hashes develop a photo equally. */
import { createHash } from 'node:crypto';
import type { Recipe } from '../contract/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** Raised whenever the mathematics changes what any recipe looks like. */
const MATHEMATICS = 3;

/** Hex SHA-256 over what develops a photo: the controls or the table; name, description and schema address do not count. */
export function hashRecipe(recipe: Recipe): string {
  return createHash('sha256')
    .update(canonicalJson({ kind: recipe.kind, mathematics: MATHEMATICS, ...contentOf(recipe) }))
    .digest('hex');
}

function contentOf(recipe: Recipe): Record<string, unknown> {
  if (recipe.kind === 'lut') return { format: recipe.format, sha256: recipe.sha256 };
  const { name, description, $schema, ...controls } = recipe.preset;
  return { controls };
}
