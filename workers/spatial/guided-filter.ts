/**
 * The guided filter: smooths a plane but keeps its edges, without halos. K. He, J. Sun, X. Tang, "Guided image filtering", IEEE
 * TPAMI 2013; the coefficients of a small picture may be used on the large one ("Fast guided filter", 2015).
 */
import { boxMean, type PlaneSize } from './box-mean.ts';
import { type Arena, loopsOver, plainArena } from './loops.ts';

/** The result is `a * guide + b` at each pixel: kept apart, since that may be another, larger guide. */
export type Coefficients = { a: Float32Array; b: Float32Array };
/** Planes that a step may overwrite, by number; each is made when first asked for. */
export type Scratch = (index: number) => Float32Array;

export function createScratch(length: number, arena: Arena = plainArena): Scratch {
  const planes: Float32Array[] = [];
  return (index) => {
    const plane = planes[index] ?? arena.floats(length);
    planes[index] = plane;
    return plane;
  };
}

type SelfGuided = PlaneSize & {
  source: Float32Array;
  radius: number;
  /** Variance (of values 0..1) above which a neighbourhood counts as an edge and stays. */
  epsilon: number;
  scratch: Scratch;
};

/** Guided by itself. `a` lies in scratch plane 0, `b` in 3; 1 and 2 are overwritten. */
export function guideItself({ source, radius, epsilon, scratch, ...size }: SelfGuided): Coefficients {
  const [mean, work, square, b] = [scratch(0), scratch(1), scratch(2), scratch(3)];
  const count = size.width * size.height;
  squareAll(source, work, count);
  boxMean({ source, target: mean, radius, ...size });
  boxMean({ source: work, target: square, radius, ...size });
  findSlopes({ mean, square, a: work, count, epsilon });
  boxMean({ source: work, target: mean, radius, ...size });
  boxMean({ source: square, target: b, radius, ...size });
  return { a: mean, b };
}

function squareAll(source: Float32Array, target: Float32Array, count: number): void {
  const loops = loopsOver(source, target);
  if (loops !== null) {
    loops.squares(source.byteOffset, target.byteOffset, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const value = source[i] ?? 0;
    target[i] = value * value;
  }
}

type Slopes = { mean: Float32Array; square: Float32Array; a: Float32Array; count: number; epsilon: number };

/** Equations 5 and 6 of the paper: a into `a`, b over `square`. */
function findSlopes({ mean, square, a, count, epsilon }: Slopes): void {
  const loops = loopsOver(mean, square, a);
  if (loops !== null) {
    loops.slopes(mean.byteOffset, square.byteOffset, a.byteOffset, count, epsilon);
    return;
  }
  for (let i = 0; i < count; i++) {
    const middle = mean[i] ?? 0;
    const variance = Math.max(0, (square[i] ?? 0) - middle * middle);
    const slope = variance / (variance + epsilon);
    a[i] = slope;
    square[i] = middle - slope * middle;
  }
}

type Guided = SelfGuided & { guide: Float32Array; target: Coefficients };

/** `source` guided by another plane of the same size. Scratch planes 0 to 4 are overwritten. */
export function guideByOther(job: Guided): void {
  const { source, guide, radius, epsilon, scratch, target, width, height } = job;
  const size = { width, height };
  const [meanGuide, meanSource, work, square, product] = [0, 1, 2, 3, 4].map(scratch) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const count = width * height;
  squareAll(guide, work, count);
  boxMean({ source: work, target: square, radius, ...size });
  for (let i = 0; i < count; i++) work[i] = (guide[i] ?? 0) * (source[i] ?? 0);
  boxMean({ source: work, target: product, radius, ...size });
  boxMean({ source: guide, target: meanGuide, radius, ...size });
  boxMean({ source, target: meanSource, radius, ...size });
  for (let i = 0; i < count; i++) {
    const middle = meanGuide[i] ?? 0;
    const variance = Math.max(0, (square[i] ?? 0) - middle * middle);
    const slope = ((product[i] ?? 0) - middle * (meanSource[i] ?? 0)) / (variance + epsilon);
    work[i] = slope;
    square[i] = (meanSource[i] ?? 0) - slope * middle;
  }
  boxMean({ source: work, target: target.a, radius, ...size });
  boxMean({ source: square, target: target.b, radius, ...size });
}
