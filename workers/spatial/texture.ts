/** Texture: the contrast of middle-sized detail (skin, bark, cloth); noise below it and edges above it are left alone. */
import type { TextureStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import type { BandStep, Frame } from './band.ts';
import { bendDetail } from './bend-detail.ts';
import { guideItself } from './guided-filter.ts';

// Adobe (M. Wendt, "From the ACR team: Introducing the Texture Control", 2019) tells which frequencies are meant: between those of
// clarity and those of sharpening. Radius, thresholds and strengths are our own.
/** Radius as a share of the longest edge: 6 pixels of 24 million. */
const RADIUS = 0.001;
/** Local variance that counts as an edge: a spread of 0.05, 13 levels. */
const EDGE_VARIANCE = 0.0025;
/** Detail this small, 1 level, is taken for noise and raised by half only. */
const NOISE = 0.004;
const REACH = 0.06;
const RAISE = 1.2;
const LOWER = 0.8;

/** As clarity, with a narrow radius. No pixel moves by more than RAISE * REACH * |amount| / 100. */
export function createTexture({ amount }: TextureStep, frame: Frame): BandStep {
  const wished = RADIUS * Math.max(frame.width, frame.height);
  const radius = Math.max(1, Math.round(wished));
  const strength = (amount / 100) * (amount > 0 ? RAISE : LOWER) * Math.min(1, wished);
  // To smooth noise is as welcome as to smooth texture.
  const noise = (amount > 0 ? NOISE * NOISE : 0) + 1e-12;
  return {
    halo: 2 * radius,
    needs: 'luma',
    run({ luma, width, height }, { scratch }) {
      const { a, b } = guideItself({ source: luma, width, height, radius, epsilon: EDGE_VARIANCE, scratch });
      bendDetail({ luma, a, b, count: width * height, strength, noise, softness: 1 / REACH });
    },
  };
}
