/** Computes the nodes of a Look's table. */
import type { LookLayout } from './look-layout.ts';

/** `size^3 * 3` numbers, red fastest, then green, then blue, as `Look.lut` wants them. */
export function tabulateNodes(layout: LookLayout, size: number): Float32Array {
  const [reds, greens, blues] = toAxes(layout, size);
  const lut = new Float32Array(size ** 3 * 3);
  let at = 0;
  for (const blue of blues) {
    for (const green of greens) {
      for (const red of reds) {
        const node = layout.render([red, green, blue]);
        lut[at] = node[0];
        lut[at + 1] = node[1];
        lut[at + 2] = node[2];
        at += 3;
      }
    }
  }
  return lut;
}

/** What each channel is at each place on its axis, before the nodes' own stages. */
export function toAxes(
  { behind }: LookLayout,
  size: number,
): readonly [Float64Array, Float64Array, Float64Array] {
  const axis = (channel: 0 | 1 | 2) =>
    Float64Array.from({ length: size }, (_, place) => behind[channel](place / (size - 1)));
  return [axis(0), axis(1), axis(2)];
}
