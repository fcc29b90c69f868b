/** Estimates, before a table is made, how far it would stray from the mathematics. */
import type { ColourStage, Rgb } from './colour/rgb.ts';
import type { LookLayout } from './look-layout.ts';
import { toAxes } from './look-nodes.ts';
import { interpolateNodes, type ReadNode } from './tetrahedral.ts';

const SAMPLES = 1200;

/** Answers the largest difference of a shown (clipped) value, in levels of 255, of a layout at a grid size. */
export type ErrorEstimate = (layout: LookLayout, size: number) => number;

/** Over a fixed set of colours; `reference` is evaluated once for each. */
export function createErrorEstimate(reference: ColourStage): ErrorEstimate {
  const exact = samples.map((rgb) => reference(rgb));
  return (layout, size) => {
    const axes = toAxes(layout, size);
    const read = (axis: 0 | 1 | 2, place: number) => axes[axis][place] ?? 0;
    const readNode: ReadNode = (red, green, blue) =>
      layout.render([read(0, red), read(1, green), read(2, blue)]);
    let worst = 0;
    for (const [index, rgb] of samples.entries()) {
      const front = layout.front;
      const place: Rgb = front === null ? rgb : [front[0](rgb[0]), front[1](rgb[1]), front[2](rgb[2])];
      const interpolated = interpolateNodes(size, place, readNode);
      const wanted = exact[index] ?? interpolated;
      for (const channel of [0, 1, 2] as const) {
        worst = Math.max(worst, Math.abs(show(interpolated[channel]) - show(wanted[channel])));
      }
    }
    return worst * 255;
  };
}

function show(value: number): number {
  return Math.min(1, Math.max(0, value));
}

const samples = createSamples();

/** Where tables stray: the whole cube, near black, near white, near grey, and with one channel nearly gone. */
function createSamples(): readonly Rgb[] {
  // Additive recurrence with the plastic number's cousin for three axes (M. Roberts, "The unreasonable effectiveness of
  // quasirandom sequences", 2018): even cover without a seed.
  const steps = [0.8191725133961645, 0.6710436067037893, 0.5497004779019703] as const;
  const even = (index: number, axis: 0 | 1 | 2) => (0.5 + index * steps[axis]) % 1;
  return Array.from({ length: SAMPLES }, (_, index): Rgb => {
    const [x, y, z] = [even(index, 0), even(index, 1), even(index, 2)];
    switch (index % 5) {
      case 0:
        return [x * 0.15, y * 0.15, z * 0.15];
      case 1:
        return [1 - x * 0.2, 1 - y * 0.2, 1 - z * 0.2];
      case 2:
        return [x, Math.min(1, x + (y - 0.5) * 0.2 * x), Math.min(1, x + (z - 0.5) * 0.2 * x)];
      case 3: {
        const faint = [x, y, z * 0.04] as const;
        return [faint[index % 3] ?? 0, faint[(index + 1) % 3] ?? 0, faint[(index + 2) % 3] ?? 0];
      }
      default:
        return [x, y, z];
    }
  });
}
