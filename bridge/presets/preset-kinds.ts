/** Which preset files there are and who reads them: the one place a new kind is added to. */
import { extname } from 'node:path';
import type { LutRecipe, NativePreset, PresetSummary } from '../contract/index.ts';
import { decodeText } from './decode-text.ts';
import { parseLrtemplate } from './lrtemplate/parse-lrtemplate.ts';
import { parseNativePreset } from './parse-native-preset.ts';
import { ownOrigin, type PresetOrigin } from './preset-content.ts';
import { parseXmpPreset } from './xmp/parse-xmp-preset.ts';

export type PresetKind = PresetSummary['kind'];
/** Bytes of a file to its preset; throws BridgeError `preset_invalid` with a sentence that says what to change. */
export type PresetParser = (bytes: Uint8Array) => { preset: NativePreset } & PresetOrigin;
/** `maxBytes`: larger files are not read. */
export type PresetFormat = { kind: PresetKind; maxBytes: number } & (
  | { content: 'controls'; parse: PresetParser }
  | { content: 'lut'; format: LutRecipe['format'] }
);

const MEBIBYTE = 1024 * 1024;

const formats: Readonly<Record<string, PresetFormat>> = {
  '.json': { kind: 'native', maxBytes: MEBIBYTE, content: 'controls', parse: parseNative },
  '.xmp': { kind: 'xmp', maxBytes: 4 * MEBIBYTE, content: 'controls', parse: parseXmpPreset },
  '.lrtemplate': { kind: 'lrtemplate', maxBytes: MEBIBYTE, content: 'controls', parse: parseLrtemplate },
  // Enough for 144 nodes an axis in text, and for the largest HaldCLUT with 16 bits.
  '.cube': { kind: 'cube', maxBytes: 128 * MEBIBYTE, content: 'lut', format: 'cube' },
  '.png': { kind: 'hald', maxBytes: 128 * MEBIBYTE, content: 'lut', format: 'hald' },
};

/** By the extension of the name; null for files that are no presets at all. */
export function toPresetFormat(path: string): PresetFormat | null {
  return formats[extname(path).toLowerCase()] ?? null;
}

function parseNative(bytes: Uint8Array): ReturnType<PresetParser> {
  return { preset: parseNativePreset(decodeText(bytes)), ...ownOrigin };
}
