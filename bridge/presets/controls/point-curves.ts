/** The point curve and the three channel curves: strictly one channel at a time. */
import type { NativePreset } from '../../contract/native-preset.ts';
import { createMonotoneCubic } from '../colour/monotone-cubic.ts';
import type { ToneStage } from '../colour/rgb.ts';

type Points = readonly (readonly [number, number])[];

/**
 * For red, green and blue: the point curve, then the channel's own (Lightroom's order), each a monotone cubic through
 * its points; flat beyond the outermost ones. Null when no such curve bends anything.
 */
export function pointCurveStages(preset: NativePreset): readonly [ToneStage, ToneStage, ToneStage] | null {
  const { points, red, green, blue } = preset.tone_curve ?? {};
  if ([points, red, green, blue].every((curve) => curve === undefined || isStraight(curve))) return null;
  const common = toStage(points);
  const channel = (own: Points | undefined): ToneStage => {
    const stage = toStage(own);
    return (t) => stage(common(t));
  };
  return [channel(red), channel(green), channel(blue)];
}

function toStage(points: Points | undefined): ToneStage {
  if (points === undefined || isStraight(points)) return (t) => t;
  return createMonotoneCubic(points.map(([x, y]) => [x / 255, y / 255] as const));
}

/** From corner to corner with every point on the diagonal. */
function isStraight(points: Points): boolean {
  return points[0]?.[0] === 0 && points.at(-1)?.[0] === 255 && points.every(([x, y]) => x === y);
}
