/** Sharpening: unsharp masking of the luma with limited overshoot, spared flat parts and an edge mask. */
import type { SharpeningStep } from '../../bridge/presets/spatial/spatial-steps.ts';
import type { BandStep, Frame } from './band.ts';
import type { PlaneSize } from './box-mean.ts';
import { blur, gaussianWeights } from './discrete-gaussian.ts';
import { loopsOver } from './loops.ts';

// What the four sliders do is described in J. Schewe, B. Fraser, "Real World Image Sharpening", 2nd ed. 2009; the formulas
// and constants are our own.
/** Of the difference to the blurred picture, at amount 100. */
const STRENGTH = 1.2;
/** Of an overshoot past the neighbours, what is left at detail 0. */
const LEAST_OVERSHOOT = 0.2;
/** Differences of about this size are left alone at detail 0: noise. */
const NOISE = 0.006;
/** Slope of the blurred picture, per pixel, that counts as an edge at masking 100. */
const EDGE_SLOPE = 0.08;

/**
 * Y + k (Y - G(Y)), G of sigma `radius`. Where that leaves the range of the 3 x 3 neighbours, only a share of the excess is kept, from
 * LEAST_OVERSHOOT at detail 0 to all of it at 100: at a step edge of height h the overshoot is below `share * k * h / 2`.
 */
export function createSharpening(step: SharpeningStep, frame: Frame): BandStep {
  const weights = gaussianWeights(step.radius * frame.scale);
  const strength = (step.amount / 100) * STRENGTH;
  const detail = step.detail / 100;
  const overshoot = LEAST_OVERSHOOT + (1 - LEAST_OVERSHOOT) * detail;
  const noise = ((1 - detail) * NOISE) ** 2 + 1e-12;
  const edge = (step.masking / 100) * EDGE_SLOPE;
  return {
    halo: weights.length + 1,
    needs: 'luma',
    run({ luma, width, height }, { scratch }) {
      const soft = scratch(0);
      const target = scratch(1);
      blur({ source: luma, target: soft, width, height, weights });
      sharpen({ luma, soft, target, width, height, strength, noise, overshoot, edge });
      luma.set(target.subarray(0, width * height));
    },
  };
}

type Sharpen = PlaneSize & {
  luma: Float32Array;
  soft: Float32Array;
  target: Float32Array;
  strength: number;
  noise: number;
  overshoot: number;
  edge: number;
};

function sharpen(job: Sharpen): void {
  const { luma, soft, target, width, height, strength, noise, overshoot, edge } = job;
  const loops = loopsOver(luma, soft, target);
  if (loops !== null) {
    const [from, by, to] = [luma.byteOffset, soft.byteOffset, target.byteOffset];
    const full = edge > 0 ? 1 / (4 * edge * edge) : 0;
    loops.sharpen(from, by, to, width, height, strength, noise, overshoot, full, loops.lines);
    return;
  }
  const range = createRange({ plane: luma, width, height });
  const masks = edge > 0 ? createMasks({ plane: soft, width, height }, edge) : null;
  for (let y = 0; y < height; y++) {
    const { low, high } = range(y);
    const mask = masks?.(y);
    const start = y * width;
    for (let x = 0; x < width; x++) {
      const value = luma[start + x] ?? 0;
      const difference = value - (soft[start + x] ?? 0);
      const square = difference * difference;
      const by = strength * (mask === undefined ? 1 : (mask[x] ?? 0));
      const wished = value + (by * difference * square) / (square + noise);
      const held = Math.min(Math.max(wished, low[x] ?? 0), high[x] ?? 1);
      target[start + x] = held + overshoot * (wished - held);
    }
  }
}

type Plane = PlaneSize & { plane: Float32Array };

/** Lowest and highest of the 3 x 3 pixels around each of a row. */
function createRange({
  plane: luma,
  width,
  height,
}: Plane): (y: number) => { low: Float32Array; high: Float32Array } {
  const low = new Float32Array(width + 2);
  const high = new Float32Array(width + 2);
  const row = { low: new Float32Array(width), high: new Float32Array(width) };
  return (y) => {
    const [above, at, below] = [Math.max(0, y - 1) * width, y * width, Math.min(height - 1, y + 1) * width];
    for (let x = 0; x < width; x++) {
      const one = luma[above + x] ?? 0;
      const two = luma[at + x] ?? 0;
      const three = luma[below + x] ?? 0;
      low[x + 1] = Math.min(Math.min(one, two), three);
      high[x + 1] = Math.max(Math.max(one, two), three);
    }
    for (const side of [low, high]) {
      side[0] = side[1] ?? 0;
      side[width + 1] = side[width] ?? 0;
    }
    for (let x = 0; x < width; x++) {
      row.low[x] = Math.min(Math.min(low[x] ?? 0, low[x + 1] ?? 0), low[x + 2] ?? 0);
      row.high[x] = Math.max(Math.max(high[x] ?? 0, high[x + 1] ?? 0), high[x + 2] ?? 0);
    }
    return row;
  };
}

/** 0 in flat parts to 1 at slopes of `edge` and more: a smoothstep of the squared slope. */
function createMasks({ plane, width, height }: Plane, edge: number): (y: number) => Float32Array {
  const mask = new Float32Array(width);
  const full = 1 / (4 * edge * edge);
  return (y) => {
    const [above, at, below] = [Math.max(0, y - 1) * width, y * width, Math.min(height - 1, y + 1) * width];
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      const across = (plane[at + right] ?? 0) - (plane[at + left] ?? 0);
      const downward = (plane[below + x] ?? 0) - (plane[above + x] ?? 0);
      const t = Math.min(1, (across * across + downward * downward) * full);
      mask[x] = t * t * (3 - 2 * t);
    }
    return mask;
  };
}
