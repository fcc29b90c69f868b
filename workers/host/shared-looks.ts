/** Compiles each recipe once and keeps the newest Looks in shared memory, so that threads get them by reference. */
import { hash } from 'node:crypto';
import type { Recipe } from '../../bridge/contract/recipe.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { compileRecipe } from './compile-recipe.ts';

const KEPT_LOOKS = 16;

export type SharedLooks = {
  /** Rejects as `compileRecipe` does; the next call tries again. */
  get(recipe: Recipe): Promise<Look>;
};

export function createSharedLooks(): SharedLooks {
  const looks = new Map<string, Promise<Look>>();
  return {
    get(recipe) {
      const key = hash('sha256', JSON.stringify(recipe), 'hex');
      const look = looks.get(key) ?? compileRecipe(recipe).then(toShared);
      looks.delete(key);
      looks.set(key, look);
      look.catch(() => looks.delete(key));
      for (const oldest of looks.keys()) {
        if (looks.size <= KEPT_LOOKS) break;
        looks.delete(oldest);
      }
      return look;
    },
  };
}

function toShared(look: Look): Look {
  return {
    ...look,
    curves: look.curves === null ? null : shareFloats(look.curves),
    lut: shareFloats(look.lut),
  };
}

function shareFloats(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
