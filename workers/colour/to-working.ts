/** Brings decoded pixels to the space that the plan works in. */
import type { Pixels } from '../pipeline/pixels.ts';
import type { ColourPlan } from './colour-plan.ts';
import { convertInks } from './convert-inks.ts';
import { convertBetween, convertGreyTo } from './convert-pixels.ts';

/** In place: inks become three channels in the front of the same memory. */
export function toWorking(pixels: Pixels, { decoded, working }: ColourPlan): Pixels {
  switch (decoded.kind) {
    case 'srgb':
      break;
    case 'grey':
      convertGreyTo(pixels, decoded.curve, working);
      break;
    case 'rgb':
      convertBetween(pixels, decoded.space, working);
      break;
    case 'inks':
      return convertInks(pixels, decoded.table, working);
  }
  return pixels;
}
