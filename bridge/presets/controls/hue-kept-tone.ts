/** Runs a tone curve over a colour without turning its hue. */
import type { ColourStage, Rgb, ToneStage } from '../colour/rgb.ts';

/**
 * The largest and the smallest channel go through the curve, the middle one keeps its place between them: hue (HSV) stays,
 * greys and order of channels stay. This is `RefBaselineRGBTone` of Adobe's DNG SDK (dng_reference.cpp), written anew. `tone` must be monotonic.
 */
export function createHueKeptTone(tone: ToneStage): ColourStage {
  return ([red, green, blue]) => {
    const high = Math.max(red, green, blue);
    const low = Math.min(red, green, blue);
    const newHigh = tone(high);
    if (high === low) return [newHigh, newHigh, newHigh];
    const newLow = tone(low);
    const scale = (newHigh - newLow) / (high - low);
    const place = (value: number) => newLow + (value - low) * scale;
    const result: Rgb = [place(red), place(green), place(blue)];
    return result;
  };
}
