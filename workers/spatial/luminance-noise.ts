/** Luminance noise reduction: smooths the luma where it varies no more than noise does. */
import type { LuminanceNoiseStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import type { BandStep, Frame } from './band.ts';
import { bendDetail } from './bend-detail.ts';
import { boxMean } from './box-mean.ts';
import { guideItself } from './guided-filter.ts';

// The guided filter as an edge-preserving smoother (K. He, J. Sun, X. Tang, 2013, section 3); what a slider means is our own.
/** Radius in pixels of the full-size photo, at 0 and what 100 adds. */
const RADIUS = 1.5;
const MORE_RADIUS = 2.5;
/** Spread of values that counts as noise, at 0 and what 100 adds at detail 50. */
const NOISE = 0.008;
const MORE_NOISE = 0.055;
/** Of what was taken off, how much of its coarse part comes back at contrast 100. */
const CONTRAST = 0.7;

/** A smaller picture has averaged its noise: the radius shrinks with it, and below one pixel the strength. */
export function createLuminanceNoise(step: LuminanceNoiseStep, frame: Frame): BandStep {
  const amount = step.amount / 100;
  const wished = (RADIUS + MORE_RADIUS * amount) * frame.scale;
  const radius = Math.max(1, Math.round(wished));
  const epsilon = (NOISE + MORE_NOISE * amount * (1.5 - step.detail / 100)) ** 2;
  const strength = Math.min(1, wished) * (1 - (1 - amount) ** 3);
  const back = (step.contrast / 100) * CONTRAST;
  return {
    halo: 2 * radius + (back > 0 ? 2 * radius : 0),
    needs: 'luma',
    run({ luma, width, height }, { scratch }) {
      const { a, b } = guideItself({ source: luma, width, height, radius, epsilon, scratch });
      if (back === 0) {
        const all = { noise: 1e-20, softness: 0 };
        bendDetail({ luma, a, b, count: width * height, strength: -strength, ...all });
        return;
      }
      const taken = scratch(1);
      for (let i = 0; i < width * height; i++) {
        const value = luma[i] ?? 0;
        taken[i] = strength * (value - ((a[i] ?? 0) * value + (b[i] ?? 0)));
      }
      const coarse = scratch(2);
      boxMean({ source: taken, target: coarse, width, height, radius: 2 * radius });
      for (let i = 0; i < width * height; i++) {
        luma[i] = (luma[i] ?? 0) - (taken[i] ?? 0) + back * (coarse[i] ?? 0);
      }
    },
  };
}
