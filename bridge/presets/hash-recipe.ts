/** The identity of a recipe: equal hashes develop a photo equally. */
import { createHash } from 'node:crypto';
import type { Recipe } from '../contract/index.ts';
import { canonicalJson } from './canonical-json.ts';

/** Raised whenever the mathematics changes what any recipe looks like. */
const MATHEMATICS = 1;

/** Hex SHA-256 over the controls; name, description and schema address do not count. */
export function hashRecipe({ kind, preset }: Recipe): string {
  const { name, description, $schema, ...controls } = preset;
  return createHash('sha256')
    .update(canonicalJson({ kind, mathematics: MATHEMATICS, controls }))
    .digest('hex');
}
