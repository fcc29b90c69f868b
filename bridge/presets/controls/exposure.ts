/** Exposure: how much light there was. */

/**
 * Factor on linear light for `exposure` in EV: +1 EV is twice the light (ISO 2720: one exposure value is a factor of two).
 * It acts on every channel alike, so hue stays. Nothing is rolled off here; light past white is kept for "highlights".
 */
export function exposureGain(exposure = 0): number {
  return 2 ** exposure;
}
