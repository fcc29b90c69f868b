/**
 * Compiles a native recipe into a Look: what touches one channel at a time goes into the curves in front, all else into the nodes
 * behind them. Pure; float64 until the last step.
 */
import type { NativePreset, NativeRecipe } from '../contract/index.ts';
import type { ToneStage } from './colour/rgb.ts';
import { developColour } from './develop-colour.ts';
import { toDevelopStages } from './develop-stages.ts';
import { hashRecipe } from './hash-recipe.ts';
import { createErrorEstimate } from './layout-error.ts';
import { CURVE_ENTRIES, type Look } from './look.ts';
import { findLayouts, type LookLayout } from './look-layout.ts';
import { tabulateNodes } from './look-nodes.ts';
import { toSpatialSteps } from './spatial/spatial-steps.ts';

/** Grids that may be chosen: small ones stay in the processor's cache. */
const SIZES = [33, 49, 65] as const;
/** Largest estimated error, in levels of 255, with which a grid is good enough. */
const GOOD_ENOUGH = 0.4;

/** Takes some 20 to 150 ms of processor time. The smallest grid that follows the mathematics closely is chosen, else the largest. */
export function compileLook(recipe: NativeRecipe): Look {
  const { layout, size } = chooseTable(recipe.preset);
  const steps = toSpatialSteps(recipe.preset);
  return {
    hash: hashRecipe(recipe),
    curves: layout.front === null ? null : tabulateCurves(layout.front),
    size,
    lut: tabulateNodes(layout, size),
    ...(steps.length === 0 ? {} : { steps }),
  };
}

function chooseTable(preset: NativePreset): { layout: LookLayout; size: number } {
  const estimate = createErrorEstimate(developColour(preset));
  const [first, ...others] = findLayouts(toDevelopStages(preset));
  if (first === undefined) throw new Error('a preset has no layout');
  let best = { layout: first, size: SIZES[0] as number, error: estimate(first, SIZES[0]) };
  for (const layout of others) {
    if (best.error <= GOOD_ENOUGH) break;
    const error = estimate(layout, SIZES[0]);
    if (error < best.error) best = { ...best, layout, error };
  }
  for (const size of SIZES.slice(1)) {
    if (best.error <= GOOD_ENOUGH) break;
    best = { ...best, size, error: estimate(best.layout, size) };
  }
  return best;
}

function tabulateCurves(front: readonly ToneStage[]): Float32Array {
  const curves = new Float32Array(front.length * CURVE_ENTRIES);
  for (const [channel, curve] of front.entries()) {
    for (let entry = 0; entry < CURVE_ENTRIES; entry++) {
      curves[channel * CURVE_ENTRIES + entry] = curve(entry / (CURVE_ENTRIES - 1));
    }
  }
  return curves;
}
