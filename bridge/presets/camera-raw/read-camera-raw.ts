/** Finds out what a preset is called, from its Camera Raw settings. */
import { MAX_NAME_LENGTH, MAX_TEXT_LENGTH } from '../../contract/index.ts';
import { type CameraRawFile, type CrsSettings, textOf } from './settings.ts';

export function readCameraRaw(settings: CrsSettings): CameraRawFile {
  const text = (key: string, most?: number) => toPlainText(textOf(settings, key), most);
  return {
    name: text('Name'),
    group: text('Group'),
    description: text('Description', MAX_TEXT_LENGTH),
    settings,
  };
}

/**
 * Without the key of a text that Lightroom translates (`$$$/Path/Key=Text`), and as long as we take texts. Null for nothing.
 */
export function toPlainText(text: string | null, most = MAX_NAME_LENGTH): string | null {
  const plain = (text ?? '').replace(/^\$\$\$\/[^=]{0,500}=/, '').trim();
  return plain === '' ? null : plain.slice(0, most);
}
