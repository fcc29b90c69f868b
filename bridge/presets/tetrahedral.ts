/** Tetrahedral interpolation in a grid of colours, in float64 and for any source of nodes. */
import type { Rgb } from './colour/rgb.ts';

/** Answers the colour of the node with these indices on the red, green and blue axis. */
export type ReadNode = (red: number, green: number, blue: number) => Rgb;

/**
 * The colour at a place in the unit cube of `size` nodes per axis. The four nodes lie along the edges of the cell from its low to its
 * high corner, the axis with the largest fraction first (J. M. Kasson, S. I. Nin, W. Plouffe, J. L. Hafner, "Performing color space
 * conversions with three-dimensional linear interpolation", J. Electronic Imaging 4, 1995).
 */
export function interpolateNodes(size: number, place: Rgb, readNode: ReadNode): Rgb {
  const cells: [number, number, number] = [0, 0, 0];
  const fractions: [number, number, number] = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) {
    const position = place[axis] * (size - 1);
    cells[axis] = Math.max(0, Math.min(Math.floor(position), size - 2));
    fractions[axis] = position - cells[axis];
  }
  const order = ([0, 1, 2] as const).toSorted((a, b) => fractions[b] - fractions[a]);
  const sum: [number, number, number] = [0, 0, 0];
  let before = 1;
  for (const axis of [...order, null]) {
    const fraction = axis === null ? 0 : fractions[axis];
    const node = readNode(cells[0], cells[1], cells[2]);
    for (const channel of [0, 1, 2] as const) sum[channel] += (before - fraction) * node[channel];
    if (axis !== null) cells[axis] += 1;
    before = fraction;
  }
  return sum;
}
