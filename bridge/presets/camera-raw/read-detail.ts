/** What needs neighbouring pixels: sharpening, noise, vignette, grain, colour fringes. */
import type { Place, Range, SettingsReader } from './settings-reader.ts';

type Slider = { names: readonly string[]; place: Place; range: Range; neutral?: number };
/** Nothing in a group matters while its amount is 0. */
type Group = { panel: string; amount: Slider; others: readonly Slider[] };

const AMOUNT: Range = [0, 100];
const slider = (names: readonly string[], place: Place, range: Range = AMOUNT, neutral = 0): Slider => ({
  names,
  place,
  range,
  neutral,
});

/** Neutral values of the others are Lightroom's defaults, which absent members of the native form mean as well. */
const groups: readonly Group[] = [
  {
    panel: 'EnableDetail',
    amount: slider(['Sharpness'], ['sharpening', 'amount'], [0, 150]),
    others: [
      slider(['SharpenRadius', 'SharpnessRadius'], ['sharpening', 'radius'], [0.5, 3], 1),
      slider(['SharpenDetail', 'SharpnessDetail'], ['sharpening', 'detail'], AMOUNT, 25),
      slider(['SharpenEdgeMasking', 'SharpnessEdgeMasking', 'SharpnessMasking'], ['sharpening', 'masking']),
    ],
  },
  {
    panel: 'EnableDetail',
    amount: slider(['LuminanceSmoothing'], ['noise_reduction', 'luminance']),
    others: [
      slider(['LuminanceNoiseReductionDetail'], ['noise_reduction', 'detail'], AMOUNT, 50),
      slider(['LuminanceNoiseReductionContrast'], ['noise_reduction', 'contrast']),
    ],
  },
  {
    panel: 'EnableDetail',
    amount: slider(['ColorNoiseReduction'], ['noise_reduction', 'colour']),
    others: [
      slider(['ColorNoiseReductionDetail'], ['noise_reduction', 'colour_detail'], AMOUNT, 50),
      slider(['ColorNoiseReductionSmoothness'], ['noise_reduction', 'colour_smoothness'], AMOUNT, 50),
    ],
  },
  {
    panel: 'EnableEffects',
    amount: slider(['PostCropVignetteAmount'], ['vignette', 'amount'], [-100, 100]),
    others: [
      slider(['PostCropVignetteMidpoint'], ['vignette', 'midpoint'], AMOUNT, 50),
      slider(['PostCropVignetteFeather'], ['vignette', 'feather'], AMOUNT, 50),
      slider(['PostCropVignetteRoundness'], ['vignette', 'roundness'], [-100, 100]),
      slider(['PostCropVignetteHighlightContrast'], ['vignette', 'highlights']),
    ],
  },
  {
    panel: 'EnableEffects',
    amount: slider(['GrainAmount'], ['grain', 'amount']),
    others: [
      slider(['GrainSize'], ['grain', 'size'], AMOUNT, 25),
      slider(['GrainFrequency', 'GrainRoughness'], ['grain', 'roughness'], AMOUNT, 50),
    ],
  },
  {
    panel: 'EnableLensCorrections',
    amount: slider(['DefringePurpleAmount'], ['defringe', 'purple_amount'], [0, 20]),
    others: [
      slider(['DefringePurpleHueLo'], ['defringe', 'purple_hue_from'], AMOUNT, 30),
      slider(['DefringePurpleHueHi'], ['defringe', 'purple_hue_to'], AMOUNT, 70),
    ],
  },
  {
    panel: 'EnableLensCorrections',
    amount: slider(['DefringeGreenAmount'], ['defringe', 'green_amount'], [0, 20]),
    others: [
      slider(['DefringeGreenHueLo'], ['defringe', 'green_hue_from'], AMOUNT, 40),
      slider(['DefringeGreenHueHi'], ['defringe', 'green_hue_to'], AMOUNT, 60),
    ],
  },
];
const vignetteStyles = ['highlights', 'highlights', 'colour', 'paint'] as const;

export function readDetail(reader: SettingsReader): void {
  for (const { panel, amount, others } of groups) {
    reader.panel([panel], () => readGroup(reader, amount, others));
  }
  readVignetteStyle(reader);
}

function readGroup(reader: SettingsReader, amount: Slider, others: readonly Slider[]): void {
  const strength = reader.take(amount.names, amount.place, amount.range);
  for (const { names, place, range, neutral = 0 } of others) {
    if (strength === 0) reader.value(names);
    else reader.take(names, place, range, neutral);
  }
}

/** 1 spares highlights (what Lightroom starts with), 2 their colours, 3 paints over. */
function readVignetteStyle(reader: SettingsReader): void {
  const style = reader.number(['PostCropVignetteStyle'], [0, 3]);
  if (style === null || reader.draft.vignette === undefined) return;
  const name = vignetteStyles[Math.round(style.value)] ?? 'highlights';
  if (name !== 'highlights') reader.put(style.setting, ['vignette', 'style'], name);
}
