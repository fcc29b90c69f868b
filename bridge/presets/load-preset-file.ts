/** Reads one preset file from disk into a value: the preset or the reason why not. Never throws, never writes. */
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { NativePreset } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { PresetFormat, PresetOrigin } from './preset-kinds.ts';

export type LoadedPreset =
  | { kind: 'loaded'; name: string; preset: NativePreset; origin: PresetOrigin }
  | { kind: 'refused'; problem: string }
  | { kind: 'gone' };

/** The preset's name is its `name`, else the file's name without extension. */
export async function loadPresetFile(path: string, format: PresetFormat): Promise<LoadedPreset> {
  if (format.parse === null) {
    return { kind: 'refused', problem: `${format.label} presets are not supported by this version` };
  }
  try {
    const { preset, ...origin } = format.parse(await readBytes(path, format.maxBytes));
    return { kind: 'loaded', name: preset.name ?? toFileName(path), preset, origin };
  } catch (thrown) {
    const error = toError(thrown);
    if ('code' in error && error.code === 'ENOENT') return { kind: 'gone' };
    return { kind: 'refused', problem: error.message };
  }
}

export function toFileName(path: string): string {
  return basename(path, extname(path));
}

/** Regular files only: a link to a device or a pipe would never end. */
async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('not a regular file');
    if (stat.size > maxBytes) {
      throw new Error(`${stat.size} bytes; a preset file may have at most ${maxBytes}`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}
