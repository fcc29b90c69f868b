/** Runs a tone curve over a colour without turning its hue. */
import { lumaOf } from '../colour/luminance.ts';
import type { ColourStage, Rgb, ToneStage } from '../colour/rgb.ts';
import type { ChromaGain } from './kept-chroma.ts';

/**
 * The largest and the smallest channel go through the curve, the middle one keeps its place between them: hue (HSV) stays,
 * greys and order of channels stay. This is `RefBaselineRGBTone` of Adobe's DNG SDK (dng_reference.cpp), written anew. `tone` must be monotonic.
 * `chromaGain` then scales the distance from luma, which keeps hue and order, too.
 */
export function createHueKeptTone(tone: ToneStage, chromaGain: ChromaGain | null): ColourStage {
  return (rgb) => {
    const [red, green, blue] = rgb;
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    const newHigh = tone(high);
    if (high === low) return [newHigh, newHigh, newHigh];
    const newLow = tone(low);
    const scale = (newHigh - newLow) / (high - low);
    const place = (value: number) => newLow + (value - low) * scale;
    const result: Rgb = [place(red), place(green), place(blue)];
    const gain = chromaGain === null ? 1 : chromaGain(rgb);
    if (gain === 1) return result;
    const luma = lumaOf(result);
    const [from, by] = [luma * (1 - gain), gain];
    return [from + by * result[0], from + by * result[1], from + by * result[2]];
  };
}
