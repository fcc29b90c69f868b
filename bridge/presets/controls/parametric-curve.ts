/** The parametric tone curve: four regions with movable borders. */
import type { NativePreset } from '../../contract/native-preset.ts';
import { type CurvePoint, createMonotoneCubic } from '../colour/monotone-cubic.ts';
import type { ToneStage } from '../colour/rgb.ts';

export type ParametricCurve = NonNullable<NonNullable<NativePreset['tone_curve']>['parametric']>;

// A full slider moves the middle of its region by this share of the way to the next middle.
const REACH = 0.45;
const KEEP_APART = 0.02;

/**
 * Regions and default borders (25, 50, 75) are Lightroom's. Each slider moves the middle of its region; a monotone cubic
 * joins them, black and white stay, and far above white nothing changes. Strictly monotonic: two middles
 * that move towards each other keep at least half their distance.
 */
export function parametricStage(sliders: ParametricCurve): ToneStage {
  const middle = (sliders.midtone_split ?? 50) / 100;
  const low = Math.min((sliders.shadow_split ?? 25) / 100, middle - KEEP_APART);
  const high = Math.max((sliders.highlight_split ?? 75) / 100, middle + KEEP_APART);
  const xs = [low / 2, (low + middle) / 2, (middle + high) / 2, (high + 1) / 2];
  const moves = [sliders.shadows ?? 0, sliders.darks ?? 0, sliders.lights ?? 0, sliders.highlights ?? 0];
  const points = xs.map((x, region): CurvePoint => {
    const move = (moves[region] ?? 0) / 100;
    const next = move > 0 ? (xs[region + 1] ?? 1) : (xs[region - 1] ?? 0);
    return [x, x + Math.abs(move) * REACH * (next - x)];
  });
  const curve = createMonotoneCubic([[0, 0], ...points, [1, 1], [2, 2]]);
  return (t) => (t >= 2 ? t : curve(t));
}
