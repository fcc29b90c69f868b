/** What a Lightroom file says, as a native preset: the order in which its panels are read. */
import { type NativePreset, nativePresetSchema } from '../../contract/index.ts';
import type { PresetOrigin } from '../preset-content.ts';
import { isOldProcess } from './process-version.ts';
import { readCalibration, readGrading, readHsl, readMonochrome } from './read-colour.ts';
import { readCurves } from './read-curves.ts';
import { readDetail } from './read-detail.ts';
import { readOldTone } from './read-old-tone.ts';
import { readProfile } from './read-profile.ts';
import { readPresence, readTone } from './read-tone.ts';
import { readUnsupported } from './read-unsupported.ts';
import { readWhiteBalance } from './read-white-balance.ts';
import { refuse } from './refuse.ts';
import type { CameraRawFile } from './settings.ts';
import { SettingsReader } from './settings-reader.ts';

/** A preset of another program in native form, and what went lost or changed on the way. */
export type ReadPreset = { preset: NativePreset } & PresetOrigin;

/** Throws BridgeError `preset_invalid`. */
export function toNativePreset({ name, group, description, settings }: CameraRawFile): ReadPreset {
  const reader = new SettingsReader(settings);
  const isOld = isOldProcess(settings);
  if (isOld) readOldTone(reader);
  else readTone(reader);
  readPresence(reader);
  readWhiteBalance(reader);
  readCurves(reader, isOld);
  const hasGreyProfile = readProfile(reader);
  readMonochrome(reader, hasGreyProfile);
  readHsl(reader);
  readGrading(reader);
  readCalibration(reader);
  readDetail(reader);
  readUnsupported(reader, isOld);
  if (!reader.hasControls && reader.unsupported.length === 0) throw refuse('holds no develop settings');
  const preset = nativePresetSchema.parse({
    ...(name !== null && { name }),
    ...(description !== null && { description }),
    ...reader.draft,
  });
  return {
    preset,
    group,
    unsupported: [...new Set(reader.unsupported)],
    notes: [...new Set(reader.notes)],
    controls: reader.controls,
  };
}
