/** Bytes of a Lightroom `.lrtemplate` to a native preset and what it could not say. */
import { MAX_TEXT_LENGTH } from '../../contract/index.ts';
import { toPlainText } from '../camera-raw/read-camera-raw.ts';
import { refuse } from '../camera-raw/refuse.ts';
import { isSettings, textOf } from '../camera-raw/settings.ts';
import { type ReadPreset, toNativePreset } from '../camera-raw/to-native-preset.ts';
import { decodeText } from '../decode-text.ts';
import { parseLuaTable } from './parse-lua-table.ts';

/** Throws BridgeError `preset_invalid`. */
export function parseLrtemplate(bytes: Uint8Array): ReadPreset {
  const template = parseLuaTable(decodeText(bytes));
  const type = textOf(template, 'type') ?? '';
  if (type !== 'Develop') throw refuse(`not a develop preset: its type is "${type}"`);
  const value = template.get('value');
  const settings = isSettings(value) ? value.get('settings') : undefined;
  if (!isSettings(settings)) throw refuse('holds no develop settings');
  return toNativePreset({
    name: toPlainText(textOf(template, 'title')) ?? toPlainText(textOf(template, 'internalName')),
    group: null,
    description: toPlainText(textOf(settings, 'Description'), MAX_TEXT_LENGTH),
    settings,
  });
}
