/** Colour by hue and by tone: HSL, black and white mix, grading and split toning, calibration. */
import { hslBands } from '../../contract/index.ts';
import { isTrue, textOf } from './settings.ts';
import type { Range, SettingsReader } from './settings-reader.ts';

const FULL: Range = [-100, 100];
const AMOUNT: Range = [0, 100];
const HUE: Range = [0, 360];
const hslParts = [
  ['HueAdjustment', 'hue'],
  ['SaturationAdjustment', 'saturation'],
  ['LuminanceAdjustment', 'luminance'],
] as const;
/** Each wheel's settings, the new name first. Shadows and highlights kept the names of split toning in Adobe's own files. */
const wheels = [
  ['shadows', 'Shadow', 'SplitToningShadow'],
  ['midtones', 'Midtone', null],
  ['highlights', 'Highlight', 'SplitToningHighlight'],
  ['global', 'Global', null],
] as const;
const primaries = ['red', 'green', 'blue'] as const;

export function readHsl(reader: SettingsReader): void {
  reader.panel(['EnableColorAdjustments'], () => {
    for (const band of hslBands) {
      for (const [prefix, part] of hslParts) {
        reader.take([`${prefix}${toTitle(band)}`], ['hsl', band, part], FULL);
      }
    }
  });
}

/** Adobe Monochrome is a profile that does nothing but turn the photo grey. */
export function readMonochrome(reader: SettingsReader, hasGreyProfile: boolean): void {
  reader.value(['ConvertToGrayscale', 'Treatment']);
  const treatment = textOf(reader.settings, 'Treatment') ?? '';
  const isGrey = isTrue(reader.settings, 'ConvertToGrayscale') || /^(mono|black)/i.test(treatment);
  const isMono = isGrey || hasGreyProfile;
  if (isMono) reader.put(isGrey ? 'ConvertToGrayscale' : 'Look', ['monochrome'], {});
  reader.panel(['EnableGrayscaleMix'], () => {
    for (const band of hslBands) {
      const found = reader.number([`GrayMixer${toTitle(band)}`], FULL);
      if (isMono && found !== null && found.value !== 0) {
        reader.put(found.setting, ['monochrome', band], found.value);
      }
    }
  });
}

/**
 * Split toning became the shadows and highlights wheels of colour grading (Lightroom 10), whose "blending 100" is what split
 * toning did; without any of the new settings that is what an old file means.
 */
export function readGrading(reader: SettingsReader): void {
  reader.panel(['EnableSplitToning', 'EnableColorGrading'], () => readWheels(reader));
}

function readWheels(reader: SettingsReader): void {
  const isNew = [...reader.settings.keys()].some((name) => name.startsWith('ColorGrade'));
  let isActive = false;
  for (const [zone, name, old] of wheels) {
    const place = (member: string) => ['colour_grading', zone, member] as const;
    const names = (part: string, oldPart: string) => [
      `ColorGrade${name}${part}`,
      ...(old === null ? [] : [`${old}${oldPart}`]),
    ];
    const hue = reader.number(names('Hue', 'Hue'), HUE);
    const saturation = reader.take(names('Sat', 'Saturation'), place('saturation'), AMOUNT);
    const luminance = reader.take(names('Lum', 'Luminance'), place('luminance'), FULL);
    if (saturation !== 0 && hue !== null && hue.value !== 0) reader.put(hue.setting, place('hue'), hue.value);
    isActive ||= saturation !== 0 || luminance !== 0;
  }
  const balance = reader.number(['ColorGradeBalance', 'SplitToningBalance'], FULL);
  const blending = reader.number(['ColorGradeBlending'], AMOUNT);
  if (!isActive) return;
  if (balance !== null && balance.value !== 0)
    reader.put(balance.setting, ['colour_grading', 'balance'], balance.value);
  if (blending !== null) reader.put(blending.setting, ['colour_grading', 'blending'], blending.value);
  else if (!isNew) reader.put('SplitToningBalance', ['colour_grading', 'blending'], 100);
}

export function readCalibration(reader: SettingsReader): void {
  reader.panel(['EnableCalibration'], () => {
    reader.take(['ShadowTint'], ['calibration', 'shadow_tint'], FULL);
    for (const primary of primaries) {
      reader.take([`${toTitle(primary)}Hue`], ['calibration', primary, 'hue'], FULL);
      reader.take([`${toTitle(primary)}Saturation`], ['calibration', primary, 'saturation'], FULL);
    }
  });
}

function toTitle(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
