/** Whites and blacks: where the ends of the scale lie. */
import type { ToneStage } from '../colour/rgb.ts';

// Encoded distance a full slider moves white, or lifts black.
const WHITE_REACH = 0.15;
const BLACK_LIFT = 0.1;
// Where the toe of deepened blacks bends, and how much of it a full slider takes (below 1: strictly monotonic).
const TOE = 0.12;
const DEEPEN = 0.95;

/** `whites` -100..100: moves white by up to 0.15 (encoded) with t^4, so that the middle hardly follows. */
export function whitesStage(whites = 0): ToneStage {
  const amount = (whites / 100) * WHITE_REACH;
  return (t) => (t > 1 ? t + amount * (1 + 4 * (t - 1)) : t + amount * t ** 4);
}

/**
 * `blacks` -100..100. Up: black rises by up to 0.1, fading with (1 - t)^4. Down: a rational toe t^2 (1 + c) / (t + c), which
 * presses dark tones towards black without cutting any off.
 */
export function blacksStage(blacks = 0): ToneStage {
  const amount = blacks / 100;
  if (amount >= 0) return (t) => (t >= 1 ? t : t + amount * BLACK_LIFT * (1 - t) ** 4);
  const share = -amount * DEEPEN;
  return (t) => t + share * ((t * t * (1 + TOE)) / (t + TOE) - t);
}
