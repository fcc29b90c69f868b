/** Built-in presets without colour. Data only. */
import type { BuiltInPreset } from './built-in-preset.ts';

export const monochromePresets: readonly BuiltInPreset[] = [
  {
    name: 'Mono',
    description: 'Plain black and white with a full range of greys.',
    contrast: 14,
    highlights: -12,
    shadows: 12,
    monochrome: { red: 6, orange: 10, yellow: 6, green: -4, aqua: -8, blue: -14 },
  },
  {
    name: 'MonoContrast',
    description: 'Black and white with dark skies and deep blacks, as through a red filter.',
    contrast: 58,
    highlights: -10,
    blacks: -22,
    whites: 14,
    monochrome: { red: 18, orange: 18, yellow: 12, green: -8, aqua: -26, blue: -40, purple: -14 },
  },
  {
    name: 'MonoSoft',
    description: 'Low-contrast black and white on warm paper, kind to faces.',
    exposure: 0.3,
    contrast: 4,
    highlights: -26,
    shadows: 22,
    monochrome: { red: 14, orange: 18, yellow: 6, blue: -8 },
    tone_curve: {
      points: [
        [0, 18],
        [64, 70],
        [128, 132],
        [255, 248],
      ],
    },
    colour_grading: { shadows: { hue: 32, saturation: 8 }, highlights: { hue: 44, saturation: 9 } },
  },
];
