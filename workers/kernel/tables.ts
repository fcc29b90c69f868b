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
/** With 8-bit pixels and no curve a position on an axis is `node << 24 | fraction`; the fraction is cut to WEIGHT_BITS_8 after adding half a unit. */
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
  const shift = Math.floor(15 - Math.log2(reachOf(look.lut, mix) * 255 + 0.5));
  const scale = 255 * 2 ** shift;
  // Rounded by cutting off, which needs positive numbers: 2^16 is added, and gone again in 16 bits.
  const offset = 2 ** 16 + 0.5 - 128 * 2 ** shift;
  const row = new Float64Array(size * 3);
  let at = 0;
  for (let line = 0; line < size * size; line++) {
    mixRow(look, mix, line, row);
    for (let i = 0; i < row.length; i += 3) {
      nodes[at++] = ((row[i] ?? 0) * scale + offset) | 0;
      nodes[at++] = ((row[i + 1] ?? 0) * scale + offset) | 0;
      nodes[at++] = ((row[i + 2] ?? 0) * scale + offset) | 0;
      nodes[at++] = 0;
    }
  }
  nodes.fill(0, at);
  return {
    shift,
    step: Math.round(((size - 1) * 2 ** POSITION_BITS_8) / 255),
    keep: curves === null ? 0 : Math.round((1 - mix) * 2 ** (shift + WEIGHT_BITS_8)),
  };
}

/** Fills `nodes` (`nodeCount * 4`) for 16-bit pixels with the values themselves: the weights bring the 65535. */
export function packNodes16(look: Look, blend: number, nodes: Float32Array): Plan16 {
  const { size, curves } = look;
  const mix = blend / 100;
  const row = new Float64Array(size * 3);
  let at = 0;
  for (let line = 0; line < size * size; line++) {
    mixRow(look, mix, line, row);
    for (let i = 0; i < row.length; i += 3) {
      nodes[at++] = row[i] ?? 0;
      nodes[at++] = row[i + 1] ?? 0;
      nodes[at++] = row[i + 2] ?? 0;
      nodes[at++] = 0;
    }
  }
  nodes.fill(0, at);
  return { keep: curves === null ? 0 : Math.fround(1 - mix) };
}

/**
 * One row of nodes along red, `line` being `blue * size + green`: mixed with the identity when there are no curves, else
 * only scaled (the kernel adds the source pixel), and held within reach.
 */
function mixRow({ size, lut, curves }: Look, mix: number, line: number, row: Float64Array): void {
  const rest = (curves === null ? 1 - mix : 0) / (size - 1);
  const green = (line % size) * rest;
  const blue = Math.floor(line / size) * rest;
  const from = line * row.length;
  for (let red = 0, i = 0; red < size; red++, i += 3) {
    row[i] = held((lut[from + i] ?? 0) * mix + red * rest);
    row[i + 1] = held((lut[from + i + 1] ?? 0) * mix + green);
    row[i + 2] = held((lut[from + i + 2] ?? 0) * mix + blue);
  }
}

function held(value: number): number {
  return Math.max(0.5 - NODE_REACH, Math.min(0.5 + NODE_REACH, value));
}

/** How far from mid grey a mixed node may lie, at least 0.5. The identity and zero both lie within 0.5 themselves. */
function reachOf(lut: Float32Array, mix: number): number {
  let largest = 0.5;
  for (let i = 0; i < lut.length; i++) largest = Math.max(largest, Math.abs((lut[i] ?? 0) - 0.5));
  return Math.min(NODE_REACH, 0.5 + (largest - 0.5) * mix);
}

/** Position on the axis for each of the 3 * 256 values of a channel: `fraction << 16 | node`, the fraction in 2^WEIGHT_BITS_8. */
export function packCurves8(curves: Float32Array, size: number, positions: Uint32Array): void {
  const fine = (size - 1) * 2 ** WEIGHT_BITS_8;
  for (let channel = 0; channel < 3; channel++) {
    const bent = bendValues(curves, channel, 256);
    for (let i = 0; i < 256; i++) {
      const place = Math.round((bent[i] ?? 0) * fine);
      const fraction = place & (2 ** WEIGHT_BITS_8 - 1);
      positions[channel * 256 + i] = (fraction << 16) | (place >>> WEIGHT_BITS_8);
    }
  }
}

/** Position on the axis for each of the 3 * 65536 values of a channel: `node << 16 | fraction`, in 65535ths. */
export function packCurves16(curves: Float32Array, size: number, positions: Uint32Array): void {
  const fine = (size - 1) * WEIGHT_SUM_16;
  for (let channel = 0; channel < 3; channel++) {
    const bent = bendValues(curves, channel, 65536);
    for (let i = 0; i < 65536; i++) {
      const parts = Math.floor((bent[i] ?? 0) * fine + 0.5);
      positions[channel * 65536 + i] = parts + Math.floor(parts / WEIGHT_SUM_16);
    }
  }
}

/** The curve of a channel read at `values` equal steps, linear between its entries, held within 0..1. */
function bendValues(curves: Float32Array, channel: number, values: number): Float64Array {
  const first = channel * CURVE_ENTRIES;
  const step = (CURVE_ENTRIES - 1) / (values - 1);
  const bent = new Float64Array(values);
  for (let value = 0; value < values; value++) {
    const entry = Math.min(Math.floor(value * step), CURVE_ENTRIES - 2);
    const low = curves[first + entry] ?? 0;
    const rise = (curves[first + entry + 1] ?? 0) - low;
    bent[value] = Math.max(0, Math.min(1, low + rise * (value * step - entry)));
  }
  return bent;
}
