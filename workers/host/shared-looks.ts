/** Compiles each recipe once and keeps the newest Looks in shared memory, so that threads get them by reference. */
import { hash } from 'node:crypto';
import type { Recipe } from '../../bridge/contract/recipe.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import type { Look } from '../../bridge/presets/look.ts';

const KEPT_LOOKS = 16;

export type SharedLooks = {
  /** Throws what `compileLook` throws for a recipe that cannot be compiled. */
  get(recipe: Recipe): Look;
};

export function createSharedLooks(): SharedLooks {
  const looks = new Map<string, Look>();
  return {
    get(recipe) {
      const key = hash('sha256', JSON.stringify(recipe), 'hex');
      const look = looks.get(key) ?? toShared(compileLook(recipe));
      looks.delete(key);
      looks.set(key, look);
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
