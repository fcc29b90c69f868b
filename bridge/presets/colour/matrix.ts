/** Three by three matrices for colours, and the one for looking at whites as the eye's cones do. */
import type { Rgb } from './rgb.ts';

/** By rows. */
export type Matrix = readonly [Rgb, Rgb, Rgb];

/** Bradford cone responses of XYZ (K. M. Lam, 1985; matrix as in the DNG specification and ICC.1:2022, annex E). */
export const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

export function times(matrix: Matrix, colour: Rgb): Rgb {
  const row = ([a, b, c]: Rgb) => a * colour[0] + b * colour[1] + c * colour[2];
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
}

/** First `right`, then `left`. */
export function product(left: Matrix, right: Matrix): Matrix {
  const column = (index: 0 | 1 | 2): Rgb => times(left, [right[0][index], right[1][index], right[2][index]]);
  return transpose([column(0), column(1), column(2)]);
}

/** By cofactors; the matrix must have an inverse. */
export function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [(e * i - f * h) / determinant, (c * h - b * i) / determinant, (b * f - c * e) / determinant],
    [(f * g - d * i) / determinant, (a * i - c * g) / determinant, (c * d - a * f) / determinant],
    [(d * h - e * g) / determinant, (b * g - a * h) / determinant, (a * e - b * d) / determinant],
  ];
}

export function transpose([x, y, z]: Matrix): Matrix {
  return [
    [x[0], y[0], z[0]],
    [x[1], y[1], z[1]],
    [x[2], y[2], z[2]],
  ];
}

export function diagonal([a, b, c]: Rgb): Matrix {
  return [
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
  ];
}
