/** A table's file as preset content: checked whole, kept as a reference to its bytes. Touches no files, compiles nothing. */
import { createHash } from 'node:crypto';
import type { LutRecipe } from '../../contract/index.ts';
import { decodeText } from '../decode-text.ts';
import { ownOrigin, type PresetContent } from '../preset-content.ts';
import { readPngSize, toHaldLevel } from './hald-table.ts';
import { parseCube } from './parse-cube.ts';

type Named = { format: LutRecipe['format']; name: string };

/** Throws BridgeError `preset_invalid` with a sentence that says what to change. */
export async function readLut(bytes: Uint8Array, { format, name }: Named): Promise<PresetContent> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const extension = format === 'cube' ? 'cube' : 'png';
  const recipe: LutRecipe = { kind: 'lut', name, format, sha256, file: `${sha256}.${extension}` };
  if (format === 'hald') {
    const level = toHaldLevel(readPngSize(bytes));
    const settings = { level, nodes_per_axis: level ** 2 };
    return { recipe, description: null, settings, origin: ownOrigin };
  }
  const table = await parseCube(decodeText(bytes));
  const { shaper, cube, title, notes } = table;
  const settings = {
    ...(shaper !== null && { curve_entries: shaper.size, curve_domain: [shaper.min, shaper.max] }),
    ...(cube !== null && { nodes_per_axis: cube.size, domain: [cube.min, cube.max] }),
  };
  return { recipe, description: title, settings, origin: { ...ownOrigin, unsupported: notes } };
}
