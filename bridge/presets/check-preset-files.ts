/** Looks at preset files without using them: what they ask for and what of it would be done. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativePreset } from '../contract/index.ts';
import { isMoved } from './is-moved.ts';
import { loadPresetFile } from './load-preset-file.ts';
import { toPresetFormat } from './preset-kinds.ts';

export type PresetFileCheck = {
  path: string;
  kind: string;
  /** Null when it cannot be used; `problem` says why. */
  name: string | null;
  preset: NativePreset | null;
  problem: string | null;
  /** Settings that stand away from neutral, by their names in the file. All that a control stands for is run. */
  settings: { setting: string; control: string; honoured: boolean }[];
  /** What the file asks for beyond all settings we know, in words. */
  unsupported: string[];
  notes: string[];
};

/** The file, or all preset files in and below the folder, by path. Rejects when `path` cannot be looked at. */
export async function checkPresetFiles(path: string): Promise<PresetFileCheck[]> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder
    ? (await readdir(path, { recursive: true })).map((name) => join(path, name))
    : [path];
  const checks: PresetFileCheck[] = [];
  for (const file of files.sort()) {
    const check = await checkFile(file);
    if (check !== null) checks.push(check);
  }
  return checks;
}

/** Null for what is no preset at all. */
async function checkFile(path: string): Promise<PresetFileCheck | null> {
  const format = toPresetFormat(path);
  if (format === null) return null;
  const unusable = {
    path,
    kind: format.kind,
    name: null,
    preset: null,
    settings: [],
    unsupported: [],
    notes: [],
  };
  const loaded = await loadPresetFile(path, format);
  if (loaded.kind === 'gone') return null;
  if (loaded.kind === 'refused') return { ...unusable, problem: loaded.problem };
  const { recipe, origin } = loaded;
  const preset = recipe.kind === 'native' ? recipe.preset : null;
  const own = Object.entries(preset ?? {}).filter(([key, value]) => key === 'monochrome' || isMoved(value));
  const uses =
    format.kind === 'native' ? own.map(([key]) => ({ setting: key, control: key })) : origin.controls;
  const settings = uses.map((use) => ({ ...use, honoured: true }));
  const { unsupported, notes } = origin;
  return {
    ...unusable,
    name: recipe.name,
    preset,
    problem: null,
    settings,
    unsupported: [...unsupported],
    notes: [...notes],
  };
}
