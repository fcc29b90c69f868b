/** Built-in presets after film and print. Looks of our own, after no brand's stock. Data only. */
import type { BuiltInPreset } from './built-in-preset.ts';

export const filmPresets: readonly BuiltInPreset[] = [
  {
    name: 'SoftFilm',
    description: 'Like colour negative film: soft shoulder, creamy skin, green-blue shadows.',
    exposure: 0.3,
    contrast: 6,
    highlights: -34,
    shadows: 16,
    temperature: 5,
    saturation: -8,
    vibrance: 8,
    hsl: {
      red: { hue: 6, saturation: -6 },
      orange: { saturation: -4, luminance: 6 },
      yellow: { hue: -10, saturation: -12 },
      green: { hue: 16, saturation: -26, luminance: 4 },
      blue: { hue: -8, saturation: -14, luminance: 8 },
    },
    tone_curve: {
      points: [
        [0, 14],
        [56, 58],
        [128, 132],
        [200, 206],
        [255, 248],
      ],
      blue: [
        [0, 8],
        [128, 128],
        [255, 246],
      ],
    },
    colour_grading: {
      shadows: { hue: 185, saturation: 10 },
      highlights: { hue: 44, saturation: 10 },
      blending: 60,
    },
  },
  {
    name: 'ChromeFilm',
    description: 'Like slide film: deep blacks, dense colour, saturated skies.',
    contrast: 34,
    highlights: -14,
    shadows: -6,
    blacks: -20,
    temperature: 4,
    vibrance: 22,
    saturation: 8,
    hsl: {
      red: { saturation: 6, luminance: -6 },
      yellow: { hue: -6 },
      green: { hue: 8, luminance: -10 },
      blue: { hue: 6, saturation: 8, luminance: -14 },
    },
    tone_curve: {
      red: [
        [0, 0],
        [64, 58],
        [192, 198],
        [255, 255],
      ],
    },
  },
  {
    name: 'Matte',
    description: 'Lifted, milky blacks and restrained colour, as on matte paper.',
    contrast: 10,
    highlights: -16,
    shadows: 10,
    saturation: -12,
    tone_curve: {
      points: [
        [0, 30],
        [56, 64],
        [128, 130],
        [200, 203],
        [255, 246],
      ],
    },
  },
  {
    name: 'Faded',
    description: 'An old print: pale blacks, yellowed whites, tired blues.',
    contrast: -14,
    shadows: 12,
    saturation: -22,
    temperature: 6,
    hsl: { blue: { hue: -16, saturation: -20 }, green: { hue: -10, saturation: -14 } },
    tone_curve: {
      points: [
        [0, 40],
        [64, 78],
        [128, 136],
        [255, 240],
      ],
      red: [
        [0, 4],
        [255, 255],
      ],
      blue: [
        [0, 6],
        [128, 124],
        [255, 226],
      ],
    },
    colour_grading: { shadows: { hue: 220, saturation: 5 }, highlights: { hue: 48, saturation: 10 } },
  },
];
