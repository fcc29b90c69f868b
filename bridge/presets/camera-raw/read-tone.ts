/** The basic panel and presence, of process version 2012 and later. */
import type { Place, Range, SettingsReader } from './settings-reader.ts';

const FULL: Range = [-100, 100];

/** Lightroom's name, ours, range. They mean the same on both sides. */
const sliders: readonly (readonly [setting: string, place: Place, range: Range])[] = [
  ['Exposure2012', ['exposure'], [-5, 5]],
  ['Contrast2012', ['contrast'], FULL],
  ['Highlights2012', ['highlights'], FULL],
  ['Shadows2012', ['shadows'], FULL],
  ['Whites2012', ['whites'], FULL],
  ['Blacks2012', ['blacks'], FULL],
  ['Clarity2012', ['clarity'], FULL],
];
const presence: readonly (readonly [setting: string, place: Place, range: Range])[] = [
  ['Texture', ['texture'], FULL],
  ['Dehaze', ['dehaze'], FULL],
  ['Vibrance', ['vibrance'], FULL],
  ['Saturation', ['saturation'], FULL],
];

export function readTone(reader: SettingsReader): void {
  for (const [setting, place, range] of sliders) reader.take([setting], place, range);
}

/** What every process version has. */
export function readPresence(reader: SettingsReader): void {
  for (const [setting, place, range] of presence) reader.take([setting], place, range);
}
