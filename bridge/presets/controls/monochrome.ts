/** Monochrome: the grey each colour becomes. */
import { hueOf, toChroma } from '../colour/hue-plane.ts';
import { greyOf } from '../colour/luminance.ts';
import type { ColourStage } from '../colour/rgb.ts';
import { type BandValues, colourfulness, placeHue, readBand, toBandTable } from './hue-bands.ts';

/** Stops of encoded value a full slider darkens or lightens a pure colour by. */
const REACH = 1.2;
const HALF_LIT = 0.3;

/** The grey of equal luminance, times 2^(1.2 * mix) of the colour's hue band (as a filter before the lens would), less for weak colours. */
export function monochromeStage(mix: BandValues): ColourStage {
  const table = toBandTable(mix);
  const plain = table.every((value) => value === 0);
  return (rgb) => {
    const chroma = toChroma(rgb);
    const filter = plain
      ? 0
      : readBand(table, placeHue(hueOf(chroma))) * colourfulness(chroma.x, chroma.y, HALF_LIT);
    const grey = greyOf(rgb) * 2 ** (REACH * filter);
    return [grey, grey, grey];
  };
}
