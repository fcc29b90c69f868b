/** Defringe: takes purple and green seams off high-contrast edges by taking their colour away. */
import type { DefringeStep, Fringe } from '../../bridge/presets/spatial/spatial-steps.ts';
import { type BandStep, BLUE_SHARE, type Frame, GREEN_SHARE, RED_SHARE } from './band.ts';
import type { PlaneSize } from './box-mean.ts';
import { loopsOver } from './loops.ts';

// After S.-W. Chung, B.-K. Kim, W.-J. Song, "Removing chromatic aberration by digital image processing" (Optical Engineering, 2010) and
// Adobe's description of the sliders: colours of a range of hues, near edges, up to an amount. Hue scales and constants are ours.
/**
 * Degrees of hue at 0 and 100 of a slider: blue to red-magenta, and yellow to cyan. A slider at rest (30 to 70) begins at 250, the violet
 * blue that overexposed edges show in real photos, and spares the blue of skies (210 to 230).
 */
const PURPLE = [205, 355] as const;
const GREEN = [60, 180] as const;
/** Degrees over which a range fades out at either side. */
const FADE = 24;
/** Range of luma within the reach of a fringe that counts as an edge: from, to. */
const EDGE = [0.12, 0.35] as const;
/** Pixels of the full-size photo that a fringe may lie from its edge, at amount 0 and 20. */
const REACH = [1, 4] as const;
/** Amount at which a fringe loses all its colour. */
const FULL = 8;

/** Luma stays, grey stays grey. */
export function createDefringe(step: DefringeStep, frame: Frame): BandStep {
  const { purple, green } = step;
  const most = Math.max(purple.amount, green.amount);
  const reach = Math.max(1, Math.round((REACH[0] + ((REACH[1] - REACH[0]) * most) / 20) * frame.scale));
  const weightOf = createHueWeights(purple, green);
  return {
    halo: reach,
    needs: 'colour',
    run({ luma, colour, width, height }, { scratch }) {
      if (colour === null) return;
      const range = scratch(0);
      findRange({ source: luma, target: range, width, height, reach });
      for (let i = 0; i < width * height; i++) {
        const edge = ((range[i] ?? 0) - EDGE[0]) / (EDGE[1] - EDGE[0]);
        if (edge <= 0) continue;
        const red = colour.red[i] ?? 0;
        const blue = colour.blue[i] ?? 0;
        const keep = 1 - Math.min(1, edge) * weightOf(red, blue);
        colour.red[i] = red * keep;
        colour.blue[i] = blue * keep;
      }
    },
  };
}

/** 0 to 1 for a colour by its hue, in steps of a degree. Greys have none. */
function createHueWeights(purple: Fringe, green: Fringe): (red: number, blue: number) => number {
  const weights = Float32Array.from({ length: 361 }, (_, hue) =>
    Math.max(hueWeight(hue, purple, PURPLE), hueWeight(hue, green, GREEN)),
  );
  return (red, blue) => {
    const middle = -(RED_SHARE * red + BLUE_SHARE * blue) / GREEN_SHARE;
    const high = Math.max(red, middle, blue);
    const span = high - Math.min(red, middle, blue);
    if (span < 1e-4) return 0;
    const sector =
      high === red
        ? (middle - blue) / span
        : high === middle
          ? 2 + (blue - red) / span
          : 4 + (red - middle) / span;
    return weights[Math.round((60 * sector + 360) % 360)] ?? 0;
  };
}

function hueWeight(
  hue: number,
  { amount, from, to }: Fringe,
  [first, last]: readonly [number, number],
): number {
  const [low, high] = [Math.min(from, to), Math.max(from, to)].map(
    (at) => first + ((last - first) * at) / 100,
  );
  const outside = Math.max((low ?? 0) - hue, hue - (high ?? 0), 0);
  return Math.min(1, amount / FULL) * Math.max(0, 1 - outside / FADE);
}

type Range = PlaneSize & { source: Float32Array; target: Float32Array; reach: number };

/** Highest less lowest of the square of `reach` around each pixel. */
function findRange({ source, target, width, height, reach }: Range): void {
  const loops = loopsOver(source, target);
  if (loops !== null) {
    loops.range(source.byteOffset, target.byteOffset, width, height, reach, loops.lines);
    return;
  }
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(y + reach, height - 1);
    for (let x = 0; x < width; x++) {
      const right = Math.min(x + reach, width - 1);
      let low = 1;
      let high = 0;
      for (let row = top; row <= bottom; row++) {
        for (let at = Math.max(0, x - reach); at <= right; at++) {
          const value = source[row * width + at] ?? 0;
          if (value < low) low = value;
          if (value > high) high = value;
        }
      }
      target[y * width + x] = high - low;
    }
  }
}
