/** Colour grading: a tint and a shift of lightness for shadows, midtones, highlights and all of them. */
import type { NativePreset } from '../../contract/native-preset.ts';
import { fromChroma } from '../colour/hue-plane.ts';
import { lumaOf } from '../colour/luminance.ts';
import type { ColourStage, Rgb } from '../colour/rgb.ts';

type Grading = NonNullable<NativePreset['colour_grading']>;
type Grade = { hue?: number | undefined; saturation?: number | undefined; luminance?: number | undefined };

const TINT_REACH = 0.3;
const LIGHT_REACH = 0.15;
const BALANCE_REACH = 0.25;
const NARROW = 0.12;
const WIDE = 0.3;

/**
 * Highlights weigh with a logistic step of luma around the middle (moved by balance, widened by blending), shadows with what is
 * left of it, midtones with 4 times the product of both. A tint adds a chroma without luma; it fades at black and
 * white with (1 - (2t - 1)^4)^2, so both stay clean. Lightness shifts fade at the end that they move towards.
 */
export function colourGradingStage(grading: Grading): ColourStage {
  const middle = 0.5 - ((grading.balance ?? 0) / 100) * BALANCE_REACH;
  const width = NARROW + (WIDE - NARROW) * ((grading.blending ?? 50) / 100);
  const [shadows, midtones, highlights, global] = [
    toZone(grading.shadows),
    toZone(grading.midtones),
    toZone(grading.highlights),
    toZone(grading.global),
  ];
  return (rgb) => {
    const luma = Math.min(1, Math.max(0, lumaOf(rgb)));
    const high = 1 / (1 + Math.exp((2 * (middle - luma)) / width));
    const clean = (1 - (2 * luma - 1) ** 4) ** 2;
    const low = 1 - high;
    const light = (zone: Zone) => zone.light * (zone.light > 0 ? 1 - luma : luma);
    const lift =
      low * light(shadows) + 4 * low * high * light(midtones) + high * light(highlights) + light(global);
    const tint = (channel: 0 | 1 | 2) =>
      low * shadows.tint[channel] +
      4 * low * high * midtones.tint[channel] +
      high * highlights.tint[channel] +
      global.tint[channel];
    return [
      rgb[0] + lift + clean * tint(0),
      rgb[1] + lift + clean * tint(1),
      rgb[2] + lift + clean * tint(2),
    ];
  };
}

type Zone = { tint: Rgb; light: number };

function toZone({ hue = 0, saturation = 0, luminance = 0 }: Grade = {}): Zone {
  const chroma = (saturation / 100) * TINT_REACH;
  const angle = (hue * Math.PI) / 180;
  const [red, green, blue] = fromChroma({ x: chroma * Math.cos(angle), y: chroma * Math.sin(angle) });
  const luma = lumaOf([red, green, blue]);
  return { tint: [red - luma, green - luma, blue - luma], light: (luminance / 100) * LIGHT_REACH * 2 };
}
