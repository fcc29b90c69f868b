/**
 * The mathematics of a native preset in float64: what a colour becomes, before any table. The reference every Look is held
 * against; it knows no pixels and runs no spatial control.
 */
import type { NativePreset } from '../contract/native-preset.ts';
import type { ColourStage, Rgb, ToneStage } from './colour/rgb.ts';
import { toEncoded, toLinear } from './colour/srgb-transfer.ts';
import { createHueKeptTone } from './controls/hue-kept-tone.ts';
import { type DevelopStages, toDevelopStages } from './develop-stages.ts';

/** Results are held within these bounds, far outside what is shown, so that no legal preset gives a wild number. */
const LOWEST = -1;
const HIGHEST = 2;

/** From encoded sRGB (0..1) to encoded sRGB, not clipped: between -1 and 2, values outside 0..1 are out of gamut or past white. */
export function developColour(preset: NativePreset): ColourStage {
  const stages = toDevelopStages(preset);
  const light = channelLights(stages);
  const render = renderStage(stages);
  return ([red, green, blue]) => render([light[0](red), light[1](green), light[2](blue)]);
}

/** Exposure and white balance of each channel: encoded to encoded, held at the stages' limit. */
export function channelLights({ gains, limit }: DevelopStages): readonly [ToneStage, ToneStage, ToneStage] {
  const light = (gain: number): ToneStage =>
    gain === 1
      ? (value) => Math.min(value, limit)
      : (value) => Math.min(toEncoded(toLinear(value) * gain), limit);
  return [light(gains[0]), light(gains[1]), light(gains[2])];
}

/** All that follows the light: tone, points, colour. */
export function renderStage({ tone, chromaGain, points, colour }: DevelopStages): ColourStage {
  const keptTone = tone === null ? null : createHueKeptTone(tone, chromaGain);
  return (light) => {
    let rgb = keptTone === null ? light : keptTone(light);
    if (points !== null) rgb = [points[0](rgb[0]), points[1](rgb[1]), points[2](rgb[2])];
    for (const stage of colour) rgb = stage(rgb);
    return holdInBounds(rgb);
  };
}

/** Everything in which channels meet; what is left of `renderStage` when tone and points are done. */
export function colourStage({ colour }: DevelopStages): ColourStage {
  return (toned) => holdInBounds(colour.reduce((rgb, stage) => stage(rgb), toned));
}

function holdInBounds([red, green, blue]: Rgb): Rgb {
  const hold = (value: number) => Math.min(HIGHEST, Math.max(LOWEST, value));
  return [hold(red), hold(green), hold(blue)];
}
