/**
 * The guided filter: smooths a plane but keeps its edges, without halos. K. He, J. Sun, X. Tang, "Guided image filtering", IEEE
 * TPAMI 2013; the coefficients of a small picture may be used on the large one ("Fast guided filter", 2015).
 */
import { boxMean, type PlaneSize } from './box-mean.ts';

/** The result is `a * guide + b` at each pixel: kept apart, since that may be another, larger guide. */
export type Coefficients = { a: Float32Array; b: Float32Array };
/** Planes that a step may overwrite, by number; each is made when first asked for. */
export type Scratch = (index: number) => Float32Array;

export function createScratch(length: number): Scratch {
  const planes: Float32Array[] = [];
  return (index) => {
    const plane = planes[index] ?? new Float32Array(length);
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
  for (let i = 0; i < count; i++) {
    const value = source[i] ?? 0;
    work[i] = value * value;
  }
  boxMean({ source, target: mean, radius, ...size });
  boxMean({ source: work, target: square, radius, ...size });
  for (let i = 0; i < count; i++) {
    const middle = mean[i] ?? 0;
    const variance = Math.max(0, (square[i] ?? 0) - middle * middle);
    const slope = variance / (variance + epsilon);
    work[i] = slope;
    square[i] = middle - slope * middle;
  }
  boxMean({ source: work, target: mean, radius, ...size });
  boxMean({ source: square, target: b, radius, ...size });
  return { a: mean, b };
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
  for (let i = 0; i < count; i++) work[i] = (guide[i] ?? 0) ** 2;
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
