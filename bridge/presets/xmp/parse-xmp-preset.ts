/** Bytes of an `.xmp` preset to a native preset and what it could not say. */
import { readCameraRaw } from '../camera-raw/read-camera-raw.ts';
import { refuse } from '../camera-raw/refuse.ts';
import { type CrsSettings, textOf } from '../camera-raw/settings.ts';
import { type ReadPreset, toNativePreset } from '../camera-raw/to-native-preset.ts';
import { decodeText } from '../decode-text.ts';
import { parseXml } from './parse-xml.ts';
import { readPacket } from './read-packet.ts';

/** Presets have settings, "looks" (profiles) may have a table as well; both develop a photo. */
const DEVELOP_TYPES = ['', 'normal', 'look'];

/** Throws BridgeError `preset_invalid`. */
export function parseXmpPreset(bytes: Uint8Array): ReadPreset {
  const settings = readPacket(parseXml(decodeText(bytes)));
  refuseOtherTypes(settings);
  return toNativePreset(readCameraRaw(settings));
}

function refuseOtherTypes(settings: CrsSettings): void {
  const type = textOf(settings, 'PresetType') ?? '';
  if (!DEVELOP_TYPES.includes(type.toLowerCase())) {
    throw refuse(`not a develop preset: its type is "${type}"`);
  }
}
