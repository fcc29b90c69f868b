/** Contrast: the slope through the middle, paid for at both ends. */
import type { ToneStage } from '../colour/rgb.ts';

// At the ends the slope falls to 1 - STRENGTH, so that the curve stays strictly monotonic.
const STRENGTH = 0.75;

/**
 * Mixes the cubic smoothstep 3t^2 - 2t^3 (the Hermite curve with level ends) into the identity, or takes it away. Black,
 * white and the encoded middle 0.5 (21 % light, photographic mid grey) stay; +100 gives the middle a slope of 1.375.
 * Above white the curve goes on with its slope at white.
 */
export function contrastStage(contrast = 0): ToneStage {
  const amount = (contrast / 100) * STRENGTH;
  return (t) => (t > 1 ? 1 + (t - 1) * (1 - amount) : t + amount * (t * t * (3 - 2 * t) - t));
}
