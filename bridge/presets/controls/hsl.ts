/** HSL: hue, saturation and luminance of eight hue bands. */
import { type HslBand, hslBands, type NativePreset } from '../../contract/native-preset.ts';
import { fromChroma, hueOf, toChroma, turn } from '../colour/hue-plane.ts';
import { greyOf, lumaOf } from '../colour/luminance.ts';
import type { ColourStage, Rgb } from '../colour/rgb.ts';
import { colourfulness, placeHue, readBand, toBandTable } from './hue-bands.ts';

type Hsl = NonNullable<NativePreset['hsl']>;

const HUE_REACH = 30;
const LIGHTEN = 0.5;
const DARKEN = 0.5;
const HALF_COLOURED = 0.12;
/** Lightness changes show as blotches in weak colours sooner than hue and saturation do. */
const HALF_LIT = 0.3;

/**
 * Hue turns by up to 30 degrees at constant luma; saturation scales the distance from the grey of equal luminance (0 to
 * 2 times); luminance scales the colour (0.5 to 1.5 times, less where there is no room above). All fade out towards grey.
 */
export function hslStage(hsl: Hsl): ColourStage {
  const table = (key: 'hue' | 'saturation' | 'luminance') =>
    toBandTable(Object.fromEntries(hslBands.map((band: HslBand) => [band, hsl[band]?.[key]])));
  const hues = table('hue');
  const saturations = table('saturation');
  const luminances = table('luminance');
  return (rgb) => {
    const chroma = toChroma(rgb);
    const place = placeHue(hueOf(chroma));
    const coloured = colourfulness(chroma.x, chroma.y, HALF_COLOURED);
    const turned = turnHue(rgb, readBand(hues, place) * HUE_REACH * coloured);
    const grey = greyOf(turned);
    const scale = 1 + readBand(saturations, place) * coloured;
    const light = readBand(luminances, place) * colourfulness(chroma.x, chroma.y, HALF_LIT);
    const gain = 1 + light * (light > 0 ? LIGHTEN * Math.max(0, 1 - grey) : DARKEN);
    const finish = (value: number) => gain * (grey + (value - grey) * scale);
    return [finish(turned[0]), finish(turned[1]), finish(turned[2])];
  };
}

/** Turns around the grey axis, then puts the luma back. */
function turnHue(rgb: Rgb, degrees: number): Rgb {
  if (degrees === 0) return rgb;
  const [red, green, blue] = fromChroma(turn(toChroma(rgb), degrees));
  const base = lumaOf(rgb) - lumaOf([red, green, blue]);
  return [base + red, base + green, base + blue];
}
