/** The files that recipes are made of (lookup tables): written once under the hash of their content, never changed. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecipeFiles } from '../batch/ports.ts';
import { BridgeError } from '../errors.ts';
import { writeAtomically } from './atomic-write.ts';
import { createPrivateFolder, toDiskError } from './disk.ts';

const SAFE_NAME = /^[0-9a-f]{64}\.[a-z]{2,8}$/;

export function createRecipeFiles(folder: string): RecipeFiles {
  const toPath = (name: string): string => {
    if (!SAFE_NAME.test(name)) throw new BridgeError('internal', 'Not the name of a recipe file', { name });
    return join(folder, name);
  };
  return {
    folder,
    has: (name) =>
      stat(toPath(name)).then(
        (found) => found.isFile(),
        () => false,
      ),
    async save(name, bytes) {
      const path = toPath(name);
      try {
        await createPrivateFolder(folder);
        await writeAtomically({ path, pieces: [Buffer.from(bytes)], sync: true });
      } catch (thrown) {
        throw toDiskError(thrown);
      }
    },
  };
}
