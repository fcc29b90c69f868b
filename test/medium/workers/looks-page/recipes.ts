/** The presets of the looks page: all built-in ones and ten Lightroom presets of other people that between them use every kind of control. */
import { join } from 'node:path';
import type { NativeRecipe } from '../../../../bridge/contract/index.ts';
import { builtInPresets } from '../../../../bridge/presets/built-in/all.ts';
import { loadPresetFile } from '../../../../bridge/presets/load-preset-file.ts';
import { toPresetFormat } from '../../../../bridge/presets/preset-kinds.ts';

export type Shown = { title: string; note: string; recipe: NativeRecipe };

const files = [
  'alternative-process-01-cyanotype-classic',
  'alternative-process-19-lomo-lc-a',
  'black-white-kodak-tri-x-400-hc-110',
  'color-negative-kodak-portra-400-expired',
  'creative-cinematic-dream-look',
  'creative-cross-processed-velvia',
  'decade-victorian-daguerreotype',
  'geographic-sahara-desert',
  'mobile-x-pro-ii',
  'slide-kodachrome-64',
];

/** `folder` null: the built-in ones alone. */
export async function loadShown(folder: string | null): Promise<Shown[]> {
  const shown: Shown[] = builtInPresets.map((preset) => ({
    title: preset.name,
    note: preset.description,
    recipe: { kind: 'native', name: preset.name, preset },
  }));
  if (folder === null) return shown;
  for (const file of files) shown.push(await loadXmp(join(folder, `${file}.xmp`)));
  return shown;
}

async function loadXmp(path: string): Promise<Shown> {
  const format = toPresetFormat(path);
  if (format === null) throw new Error(`${path} is no preset file`);
  const loaded = await loadPresetFile(path, format);
  if (loaded.kind !== 'loaded' || loaded.recipe.kind !== 'native') {
    throw new Error(`${path}: ${JSON.stringify(loaded)}`);
  }
  const { recipe, origin } = loaded;
  const missing = origin.unsupported.length === 0 ? 'all honoured' : `not honoured: ${origin.unsupported}`;
  return { title: recipe.name, note: `Lightroom preset, ${missing}`, recipe };
}
