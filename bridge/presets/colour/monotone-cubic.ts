/** A smooth curve through points that never swings past them: where the points rise, the curve rises. */

export type CurvePoint = readonly [x: number, y: number];

/**
 * Cubic Hermite pieces with the tangents of F. N. Fritsch and R. E. Carlson, "Monotone Piecewise Cubic Interpolation",
 * SIAM J. Numer. Anal. 17 (1980); a local turn of the points gets a level tangent. Left of the first and right of the
 * last point the curve is flat. `points`: at least two, x strictly rising.
 */
export function createMonotoneCubic(points: readonly CurvePoint[]): (x: number) => number {
  const xs = Float64Array.from(points, ([x]) => x);
  const ys = Float64Array.from(points, ([, y]) => y);
  const tangents = fritschCarlsonTangents(xs, ys);
  const last = xs.length - 1;
  return (x) => {
    if (x <= at(xs, 0)) return at(ys, 0);
    if (x >= at(xs, last)) return at(ys, last);
    let piece = 0;
    while (at(xs, piece + 1) < x) piece++;
    const width = at(xs, piece + 1) - at(xs, piece);
    const t = (x - at(xs, piece)) / width;
    const rest = 1 - t;
    return (
      at(ys, piece) * rest * rest * (1 + 2 * t) +
      at(ys, piece + 1) * t * t * (1 + 2 * rest) +
      width * t * rest * (at(tangents, piece) * rest - at(tangents, piece + 1) * t)
    );
  };
}

function fritschCarlsonTangents(xs: Float64Array, ys: Float64Array): Float64Array {
  const pieces = xs.length - 1;
  const slopes = new Float64Array(pieces);
  for (let i = 0; i < pieces; i++) slopes[i] = (at(ys, i + 1) - at(ys, i)) / (at(xs, i + 1) - at(xs, i));
  const tangents = new Float64Array(pieces + 1);
  tangents[0] = at(slopes, 0);
  tangents[pieces] = at(slopes, pieces - 1);
  for (let i = 1; i < pieces; i++) {
    const turns = at(slopes, i - 1) * at(slopes, i) <= 0;
    tangents[i] = turns ? 0 : (at(slopes, i - 1) + at(slopes, i)) / 2;
  }
  for (let i = 0; i < pieces; i++) {
    const slope = at(slopes, i);
    // Within this circle of radius 3 a piece cannot turn back (their section 4, region M).
    const length =
      slope === 0 ? Infinity : Math.hypot(at(tangents, i), at(tangents, i + 1)) / Math.abs(slope);
    const shrink = length > 3 ? 3 / length : 1;
    tangents[i] = at(tangents, i) * shrink;
    tangents[i + 1] = at(tangents, i + 1) * shrink;
  }
  return tangents;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
