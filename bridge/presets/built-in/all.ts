/** Every preset that comes with the product. */
import type { BuiltInPreset } from './built-in-preset.ts';
import { everydayPresets } from './everyday.ts';
import { filmPresets } from './film.ts';
import { monochromePresets } from './monochrome.ts';
import { subjectPresets } from './subjects.ts';

export const builtInPresets: readonly BuiltInPreset[] = [
  ...everydayPresets,
  ...subjectPresets,
  ...filmPresets,
  ...monochromePresets,
];
