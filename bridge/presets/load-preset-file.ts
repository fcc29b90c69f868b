/** Reads one preset file from disk into a value: the recipe or the reason why not. Never throws, never writes. */
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { toError } from '../errors.ts';
import { readLut } from './lut/read-lut.ts';
import { type PresetContent, toNativeContent } from './preset-content.ts';
import type { PresetFormat } from './preset-kinds.ts';

export type LoadedPreset =
  | ({ kind: 'loaded' } & PresetContent)
  | { kind: 'refused'; problem: string }
  | { kind: 'gone' };

/** The preset's name is its `name`, else the file's name without extension. */
export async function loadPresetFile(path: string, format: PresetFormat): Promise<LoadedPreset> {
  try {
    const bytes = await readPresetBytes(path, format.maxBytes);
    if (format.content === 'lut')
      return { kind: 'loaded', ...(await readLut(bytes, { format: format.format, name: toFileName(path) })) };
    const { preset, ...origin } = format.parse(bytes);
    return { kind: 'loaded', ...toNativeContent(preset, { name: toFileName(path), origin }) };
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
async function readPresetBytes(path: string, maxBytes: number): Promise<Uint8Array> {
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
