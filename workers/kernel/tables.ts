/**
 * The number formats both kernels share: packs a Look and a blend into the integer (8-bit pixels) or float (16-bit
 * pixels) tables the hot loop reads. It never touches pixels.
 */
import { CURVE_ENTRIES, type Look } from '../../bridge/presets/look.ts';

/** Numbers stored for each node: red, green, blue and one that is never shown. */
export const NODE_LANES = 4;
/** With 8-bit pixels the four weights of a pixel add up to 2^14: each must fit a signed 16-bit lane. */
export const WEIGHT_BITS_8 = 14;
/** With 16-bit pixels they add up to 65535, so that an uncurved position is exact on every grid. */
export const WEIGHT_SUM_16 = 65535;
/** With 8-bit pixels a position on an axis is `node << 24 | fraction`; the fraction is cut to WEIGHT_BITS_8 after adding half a unit. */
export const POSITION_BITS_8 = 24;
/** Nodes are held within this distance of mid grey (0.5), in units of the full range. */
export const NODE_REACH = 16;

/** What the loops need besides the nodes. */
export type Plan8 = {
  /** Nodes are `(value * 255 - 128) * 2^shift`: the largest shift, 3..8, that lets every node fit 16 bits. */
  shift: number;
  /** `position = value * step + half`, when there are no curves. */
  step: number;
  /** Weight of the source pixel: `(1 - blend) * 2^(shift + WEIGHT_BITS_8)`; 0 without curves. */
  keep: number;
};

export type Plan16 = {
  /** Weight of the source pixel, 0..1; 0 without curves. */
  keep: number;
};

/** Nodes to allocate: those of the grid and the ones a pixel on the far edge reads with weight zero. */
export function nodeCount(size: number): number {
  return size ** 3 + size ** 2 + size + 1;
}

/** Fills `nodes` (`nodeCount * 4`) for 8-bit pixels. */
export function packNodes8(look: Look, blend: number, nodes: Int16Array): Plan8 {
  const { size, curves } = look;
  const mix = blend / 100;
  const reach = largestDistance(look, mix);
  const shift = Math.floor(15 - Math.log2(reach * 255 + 0.5));
  const unit = 2 ** shift;
  const write = (at: number, value: number): void => {
    nodes[at] = Math.round((value * 255 - 128) * unit);
  };
  packNodes(look, mix, write);
  nodes.fill(0, size ** 3 * NODE_LANES);
  return {
    shift,
    step: Math.round(((size - 1) * 2 ** POSITION_BITS_8) / 255),
    keep: curves === null ? 0 : Math.round((1 - mix) * 2 ** (shift + WEIGHT_BITS_8)),
  };
}

/** Fills `nodes` (`nodeCount * 4`) for 16-bit pixels with the values themselves: the weights bring the 65535. */
export function packNodes16(look: Look, blend: number, nodes: Float32Array): Plan16 {
  const mix = blend / 100;
  packNodes(look, mix, (at, value) => {
    nodes[at] = value;
  });
  nodes.fill(0, look.size ** 3 * NODE_LANES);
  return { keep: look.curves === null ? 0 : Math.fround(1 - mix) };
}

function packNodes(look: Look, mix: number, write: (at: number, value: number) => void): void {
  const { size, lut, curves } = look;
  const last = size - 1;
  const rest = curves === null ? 1 - mix : 0;
  let from = 0;
  let at = 0;
  for (let blue = 0; blue < size; blue++) {
    for (let green = 0; green < size; green++) {
      for (let red = 0; red < size; red++) {
        write(at, held((lut[from] ?? 0) * mix + (red / last) * rest));
        write(at + 1, held((lut[from + 1] ?? 0) * mix + (green / last) * rest));
        write(at + 2, held((lut[from + 2] ?? 0) * mix + (blue / last) * rest));
        from += 3;
        at += NODE_LANES;
      }
    }
  }
}

function held(value: number): number {
  return Math.max(0.5 - NODE_REACH, Math.min(0.5 + NODE_REACH, value));
}

/** At least 0.5, so that black and white always fit. */
function largestDistance(look: Look, mix: number): number {
  let largest = 0.5;
  // The unmixed value bounds the mixed one: both the identity and 0 lie within 0.5 of mid grey.
  for (const value of look.lut) {
    const distance = Math.abs(value - 0.5);
    if (distance > largest) largest = distance;
  }
  return Math.min(NODE_REACH, 0.5 + (largest - 0.5) * mix);
}

/** Position on the axis for each of the 3 * 256 values of a channel: `node << 24 | fraction`, rounded to WEIGHT_BITS_8. */
export function packCurves8(curves: Float32Array, size: number, positions: Uint32Array): void {
  const one = 2 ** WEIGHT_BITS_8;
  const unit = 2 ** (POSITION_BITS_8 - WEIGHT_BITS_8);
  bendAll(curves, 256, (at, bent) => {
    positions[at] = Math.round(bent * (size - 1) * one) * unit;
  });
}

/** Position on the axis for each of the 3 * 65536 values of a channel: `node << 16 | fraction`, in 65535ths. */
export function packCurves16(curves: Float32Array, size: number, positions: Uint32Array): void {
  bendAll(curves, 65536, (at, bent) => {
    const parts = Math.round(bent * (size - 1) * WEIGHT_SUM_16);
    positions[at] = parts + Math.floor(parts / WEIGHT_SUM_16);
  });
}

function bendAll(curves: Float32Array, values: number, write: (at: number, bent: number) => void): void {
  for (let channel = 0; channel < 3; channel++) {
    const curve = curves.subarray(channel * CURVE_ENTRIES, (channel + 1) * CURVE_ENTRIES);
    for (let value = 0; value < values; value++) {
      const along = (value * (CURVE_ENTRIES - 1)) / (values - 1);
      const entry = Math.min(Math.floor(along), CURVE_ENTRIES - 2);
      const low = curve[entry] ?? 0;
      const bent = low + ((curve[entry + 1] ?? 0) - low) * (along - entry);
      write(channel * values + value, Math.max(0, Math.min(1, bent)));
    }
  }
}
