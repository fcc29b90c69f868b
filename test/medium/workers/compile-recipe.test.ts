import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LutRecipe } from '../../../bridge/contract/recipe.ts';
import { interpolateLook } from '../../../bridge/presets/evaluate-look.ts';
import { evaluateLut } from '../../../bridge/presets/lut/lut-table.ts';
import { parseCube } from '../../../bridge/presets/lut/parse-cube.ts';
import { compileRecipe } from '../../../workers/host/compile-recipe.ts';
import { filesBelow, sharedFolder } from '../../helpers/shared-files.ts';

const presets = sharedFolder('presets');
const colours = [0, 0.1, 0.35, 0.5, 0.77, 1].flatMap((r) =>
  [0, 0.42, 1].map((g) => [r, g, 1 - r * g] as const),
);

async function recipeOf(file: string, format: LutRecipe['format']): Promise<LutRecipe> {
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { kind: 'lut', name: 'a table', format, sha256, file };
}

function worst(a: readonly number[], b: readonly number[]): number {
  return 255 * Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? 0))));
}

describe('a recipe that is a lookup table', () => {
  it.skipIf(presets === null)('made of any .cube file is what the file says', async () => {
    const folder = join(presets ?? '', 'cube');
    for (const name of filesBelow(folder).filter((file) => file.endsWith('.cube'))) {
      const look = await compileRecipe(await recipeOf(join(folder, name), 'cube'));
      const table = await parseCube(await readFile(join(folder, name), 'utf8'));
      for (const rgb of colours)
        expect(worst(interpolateLook(look, rgb), evaluateLut(table, rgb)), name).toBeLessThan(0.5);
    }
  });

  it.skipIf(presets === null)('made of an identity HaldCLUT changes nothing', async () => {
    const look = await compileRecipe(
      await recipeOf(join(presets ?? '', 'hald', 'own-identity-8.png'), 'hald'),
    );
    // The eight bits of its nodes are cut, not rounded.
    for (const rgb of colours) expect(worst(interpolateLook(look, rgb), rgb)).toBeLessThan(1);
  });

  it('is refused when its kept copy is not what it was', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'pb-recipe-')), 'x.cube');
    await writeFile(file, 'LUT_3D_SIZE 2');
    const recipe = await recipeOf(file, 'cube');
    await writeFile(file, 'LUT_3D_SIZE 3');
    await expect(compileRecipe(recipe)).rejects.toThrow(/kept copy of "a table" is damaged/);
  });
});
