/** The basic panel of process versions 2003 and 2010, translated approximately into today's controls. */
import type { SettingsReader } from './settings-reader.ts';

// What Lightroom set for a RAW file in those versions: with it a RAW looks like a camera's JPEG, so for a developed
// photo it is neutral. A photo that was developed already had 0 everywhere.
const RAW_DEFAULTS = { Brightness: 50, Contrast: 25, Shadows: 5 };
/** EV of a full step of brightness: it lifted the middle tones as about half a stop of exposure per 50 does. */
const BRIGHTNESS_EV = 1 / 100;
const LARGEST_EV = 5;

/**
 * The mathematics of these versions was never published. Exposure and the 0..100 sliders that today's grew from keep their numbers:
 * recovery is highlights down, fill light is shadows up, blacks ("Shadows" in the file) is blacks down.
 */
export function readOldTone(reader: SettingsReader): void {
  const brightness = reader.number(['Brightness'], [-150, 150]);
  const contrast = reader.number(['Contrast'], [-50, 100]);
  const blacks = reader.number(['Shadows'], [0, 100]);
  const neutral = isForDevelopedPhotos([brightness, contrast, blacks])
    ? { Brightness: 0, Contrast: 0, Shadows: 0 }
    : RAW_DEFAULTS;

  const light = reader.number(['Exposure'], [-4, 4]);
  const lift = brightness === null ? 0 : (brightness.value - neutral.Brightness) * BRIGHTNESS_EV;
  const sum = Math.min(LARGEST_EV, Math.max(-LARGEST_EV, (light?.value ?? 0) + lift));
  const exposure = Number(sum.toFixed(3));
  if (light !== null && light.value !== 0) reader.put(light.setting, ['exposure'], exposure);
  if (brightness !== null && lift !== 0) reader.put(brightness.setting, ['exposure'], exposure);
  if (contrast !== null && contrast.value !== neutral.Contrast) {
    reader.put(contrast.setting, ['contrast'], contrast.value - neutral.Contrast);
  }
  if (blacks !== null && blacks.value !== neutral.Shadows) {
    reader.put(blacks.setting, ['blacks'], neutral.Shadows - blacks.value);
  }
  const recovery = reader.number(['HighlightRecovery'], [0, 100]);
  if (recovery !== null && recovery.value !== 0)
    reader.put(recovery.setting, ['highlights'], -recovery.value);
  reader.take(['FillLight'], ['shadows'], [0, 100]);
  reader.take(['Clarity'], ['clarity'], [-100, 100]);
  reader.notes.push('made for process version 2003 or 2010; its tone controls were translated approximately');
}

/** All that are there stand at 0. */
export function isForDevelopedPhotos(found: readonly ({ value: number } | null)[]): boolean {
  const there = found.filter((one) => one !== null);
  return there.length > 0 && there.every(({ value }) => value === 0);
}
