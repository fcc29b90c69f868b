/** Any recipe as a Look; tables are read from the copies the daemon keeps. Keeps nothing itself. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LutRecipe, Recipe } from '../../bridge/contract/recipe.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import { hashRecipe } from '../../bridge/presets/hash-recipe.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { compileLut } from '../../bridge/presets/lut/compile-lut.ts';
import { readPngSize, toHaldLevel, toHaldTable } from '../../bridge/presets/lut/hald-table.ts';
import type { LutTable } from '../../bridge/presets/lut/lut-table.ts';
import { parseCube } from '../../bridge/presets/lut/parse-cube.ts';

/** Rejects with a sentence for people when the recipe cannot be compiled. */
export async function compileRecipe(recipe: Recipe): Promise<Look> {
  if (recipe.kind === 'native') return compileLook(recipe);
  const bytes = await readFile(recipe.file);
  if (createHash('sha256').update(bytes).digest('hex') !== recipe.sha256)
    throw new Error(`the kept copy of "${recipe.name}" is damaged: ${recipe.file}`);
  return compileLut(await readTable(bytes, recipe.format), hashRecipe(recipe));
}

function readTable(bytes: Buffer, format: LutRecipe['format']): Promise<LutTable> {
  return format === 'cube' ? parseCube(bytes.toString('utf8')) : readHald(bytes);
}

async function readHald(bytes: Buffer): Promise<LutTable> {
  // Its numbers are the table: no profile may be applied to them.
  toHaldLevel(readPngSize(bytes));
  const { sharp } = await import('../pipeline/sharp-setup.ts');
  const picture = sharp(bytes, { ignoreIcc: true });
  const { depth } = await picture.metadata();
  const deep = depth === 'ushort';
  const { data, info } = await picture
    .toColourspace(deep ? 'rgb16' : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return toHaldTable({ data: values, ...info });
}
