/** Which preset files there are and who reads them: the one place a new kind is added to. */
import { extname } from 'node:path';
import type { NativePreset, PresetSummary } from '../contract/index.ts';
import { parseNativePreset } from './parse-native-preset.ts';

export type PresetKind = PresetSummary['kind'];
/** Text of a file to its preset; throws BridgeError `preset_invalid` with a sentence that says what to change. */
export type PresetParser = (text: string) => NativePreset;
/** `maxBytes`: larger files are not read. `parse` null: known, but not read by this version. */
export type PresetFormat = { kind: PresetKind; label: string; maxBytes: number; parse: PresetParser | null };

const MEBIBYTE = 1024 * 1024;

const formats: Readonly<Record<string, PresetFormat>> = {
  '.json': { kind: 'native', label: 'Native', maxBytes: MEBIBYTE, parse: parseNativePreset },
  '.xmp': { kind: 'xmp', label: 'Lightroom .xmp', maxBytes: MEBIBYTE, parse: null },
  '.lrtemplate': { kind: 'lrtemplate', label: 'Lightroom .lrtemplate', maxBytes: MEBIBYTE, parse: null },
  '.cube': { kind: 'cube', label: '.cube', maxBytes: 16 * MEBIBYTE, parse: null },
  '.png': { kind: 'hald', label: 'HaldCLUT', maxBytes: 16 * MEBIBYTE, parse: null },
};

/** By the extension of the name; null for files that are no presets at all. */
export function toPresetFormat(path: string): PresetFormat | null {
  return formats[extname(path).toLowerCase()] ?? null;
}
