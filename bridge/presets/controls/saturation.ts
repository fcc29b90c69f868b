/** Saturation and vibrance: the distance of a colour from the grey of equal luminance. */
import { hueOf, toChroma } from '../colour/hue-plane.ts';
import { greyOf } from '../colour/luminance.ts';
import type { ColourStage } from '../colour/rgb.ts';
import { colourfulness } from './hue-bands.ts';

const VIBRANCE_REACH = 0.8;
/** Chroma at which vibrance works by half. */
const HALF_VIVID = 0.4;
// Skin of all tones lies within some 35 degrees of this hue (red to orange); there vibrance is held back.
const SKIN_HUE = 25;
const SKIN_WIDTH = 40;
const SKIN_SHARE = 0.5;
const HALF_COLOURED = 0.12;

/**
 * `saturation` -100..100 scales the distance from grey by 0..2. `vibrance` -100..100 does so by 0.2..1.8 for weak colours, less the
 * stronger a colour already is, and at most half as much on skin when it adds.
 */
export function saturationStage(vibrance = 0, saturation = 0): ColourStage {
  const plain = 1 + saturation / 100;
  const reach = (vibrance / 100) * VIBRANCE_REACH;
  return (rgb) => {
    const grey = greyOf(rgb);
    const scale = plain * (reach === 0 ? 1 : 1 + reach * vibranceShare(toChroma(rgb), reach > 0));
    return [grey + (rgb[0] - grey) * scale, grey + (rgb[1] - grey) * scale, grey + (rgb[2] - grey) * scale];
  };
}

function vibranceShare(chroma: { x: number; y: number }, spareSkin: boolean): number {
  const weak = 1 - colourfulness(chroma.x, chroma.y, HALF_VIVID);
  if (!spareSkin) return weak;
  const away = Math.abs(((hueOf(chroma) - SKIN_HUE + 540) % 360) - 180) / SKIN_WIDTH;
  if (away >= 1) return weak;
  const skin = Math.cos((away * Math.PI) / 2) ** 2 * colourfulness(chroma.x, chroma.y, HALF_COLOURED);
  return weak * (1 - SKIN_SHARE * skin);
}
