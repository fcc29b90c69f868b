/** Gives back the colour that pressing tones together takes away. */
import type { Rgb, ToneStage } from '../colour/rgb.ts';

/** Of the lost chroma, how much comes back at most: all of it looks painted beside tones that were pressed together. */
const SHARE = 0.85;
/** Excess below which the gain sets in gradually, so that no seam shows where it begins. */
const ONSET = 0.25;
/** No factor exceeds 1 + SHARE * MOST. */
const MOST = 4;

/** Answers a factor on the chroma of a colour (before the tone); at least 1, and 1 for greys and for colours as pure as can be. */
export type ChromaGain = (rgb: Rgb) => number;

/**
 * Where shadows are opened and highlights brought back the tone curve between them is flat, and the channels of a colour come closer
 * together with it. Less or more light on the subject would have scaled them alike instead, by tone(m) / m around the colour's middle m:
 * the factor is what that leaves of the chroma over what the curve leaves, as far as SHARE. `tone` must rise from 0 at 0.
 */
export function createChromaGain(tone: ToneStage): ChromaGain {
  return ([red, green, blue]) => {
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    const span = high - low;
    if (span < 1e-6 || low < 0) return 1;
    const middle = (high + low) / 2;
    const scaled = (tone(middle) / middle) * (span / Math.max(tone(high) - tone(low), 1e-9));
    const purity = span / high;
    const excess = Math.max(0, scaled - 1);
    const set = (excess * excess) / (excess + ONSET);
    return 1 + (SHARE * (1 - purity * purity) * set) / (1 + set / MOST);
  };
}
