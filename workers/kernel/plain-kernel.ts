/**
 * The kernel in plain TypeScript: slower than the WebAssembly one and equal to it bit by bit, which is what it is for. It
 * holds the same number formats (`tables.ts`) but none of the vector tricks.
 */
import type { Look } from '../../bridge/presets/look.ts';
import type { Kernel } from './kernel-api.ts';
import {
  NODE_LANES,
  nodeCount,
  type Plan8,
  type Plan16,
  POSITION_BITS_8,
  packCurves8,
  packCurves16,
  packNodes8,
  packNodes16,
  WEIGHT_BITS_8,
  WEIGHT_SUM_16,
} from './tables.ts';

/** `positions`: `node << WEIGHT_BITS_8 | fraction`, for each value of each channel. */
type Tables8 = Plan8 & { size: number; nodes: Int16Array; positions: Uint32Array };
type Tables16 = Plan16 & { size: number; nodes: Float32Array; positions: Uint32Array };

/** Tables are packed at the first pixels of a depth and kept. */
export function createPlainKernel(look: Look, blend: number): Kernel {
  let tables8: Tables8 | undefined;
  let tables16: Tables16 | undefined;
  return {
    apply(pixels, channels) {
      if (pixels instanceof Uint8Array) {
        tables8 ??= createTables8(look, blend);
        run8(pixels, channels, tables8);
      } else {
        tables16 ??= createTables16(look, blend);
        run16(pixels, channels, tables16);
      }
    },
  };
}

function createTables8(look: Look, blend: number): Tables8 {
  const { size, curves } = look;
  const nodes = new Int16Array(nodeCount(size) * NODE_LANES);
  const plan = packNodes8(look, blend, nodes);
  const positions = new Uint32Array(3 * 256);
  const drop = POSITION_BITS_8 - WEIGHT_BITS_8;
  const half = 2 ** (drop - 1);
  if (curves !== null) packCurves8(curves, size, positions);
  for (const [i, bent] of positions.entries()) {
    positions[i] =
      curves === null
        ? ((i % 256) * plan.step + half) >>> drop
        : ((bent & 0xffff) << WEIGHT_BITS_8) | (bent >>> 16);
  }
  return { ...plan, size, nodes, positions };
}

function createTables16(look: Look, blend: number): Tables16 {
  const { size, curves } = look;
  const nodes = new Float32Array(nodeCount(size) * NODE_LANES);
  const plan = packNodes16(look, blend, nodes);
  const positions = new Uint32Array(3 * 65536);
  if (curves !== null) packCurves16(curves, size, positions);
  for (let i = 0; curves === null && i < positions.length; i++) {
    const parts = (i % 65536) * (size - 1);
    positions[i] = parts + Math.floor(parts / WEIGHT_SUM_16);
  }
  return { ...plan, size, nodes, positions };
}

/** Node offsets (in numbers) of the tetrahedron a pixel falls in, and its three fractions in falling order. */
const walk = { start: 0, second: 0, third: 0, fourth: 0, high: 0, middle: 0, low: 0 };

/** Each of the three arguments is `node << bits | fraction`. Equal fractions are told apart by their axis, as weights of zero follow. */
function takeWalk(bits: number, size: number, at: { red: number; green: number; blue: number }): void {
  const mask = 2 ** bits - 1;
  const axes = [
    { fraction: at.red & mask, stride: NODE_LANES },
    { fraction: at.green & mask, stride: size * NODE_LANES },
    { fraction: at.blue & mask, stride: size * size * NODE_LANES },
  ].sort((a, b) => b.fraction - a.fraction);
  const [first, second, third] = axes as [Axis, Axis, Axis];
  walk.start = ((at.red >>> bits) + ((at.green >>> bits) + (at.blue >>> bits) * size) * size) * NODE_LANES;
  walk.second = walk.start + first.stride;
  walk.third = walk.second + second.stride;
  walk.fourth = walk.third + third.stride;
  walk.high = first.fraction;
  walk.middle = second.fraction;
  walk.low = third.fraction;
}

type Axis = { fraction: number; stride: number };

function run8(pixels: Uint8Array, channels: 3 | 4, tables: Tables8): void {
  const { size, nodes, positions, shift, keep } = tables;
  const bits = WEIGHT_BITS_8 + shift;
  const end = pixels.length - (pixels.length % channels);
  const position = (value: number): number => positions[value] ?? 0;
  for (let pixel = 0; pixel < end; pixel += channels) {
    const red = position(pixels[pixel] ?? 0);
    const green = position(256 + (pixels[pixel + 1] ?? 0));
    const blue = position(512 + (pixels[pixel + 2] ?? 0));
    takeWalk(WEIGHT_BITS_8, size, { red, green, blue });
    const { start, second, third, fourth, high, middle, low } = walk;
    for (let c = 0; c < 3; c++) {
      const sum =
        (2 ** WEIGHT_BITS_8 - high) * (nodes[start + c] ?? 0) +
        (high - middle) * (nodes[second + c] ?? 0) +
        (middle - low) * (nodes[third + c] ?? 0) +
        low * (nodes[fourth + c] ?? 0) +
        keep * (pixels[pixel + c] ?? 0);
      const level = (sum + (1 << (bits - 1))) >> bits;
      pixels[pixel + c] = Math.max(0, Math.min(255, level + 128));
    }
  }
}

function run16(pixels: Uint16Array, channels: 3 | 4, tables: Tables16): void {
  const { size, nodes, positions, keep } = tables;
  const f = Math.fround;
  const end = pixels.length - (pixels.length % channels);
  for (let pixel = 0; pixel < end; pixel += channels) {
    const red = positions[pixels[pixel] ?? 0] ?? 0;
    const green = positions[65536 + (pixels[pixel + 1] ?? 0)] ?? 0;
    const blue = positions[131072 + (pixels[pixel + 2] ?? 0)] ?? 0;
    takeWalk(16, size, { red, green, blue });
    const { start, second, third, fourth, high, middle, low } = walk;
    for (let c = 0; c < 3; c++) {
      const near = f(
        f((WEIGHT_SUM_16 - high) * (nodes[start + c] ?? 0)) + f((high - middle) * (nodes[second + c] ?? 0)),
      );
      const far = f(f((middle - low) * (nodes[third + c] ?? 0)) + f(low * (nodes[fourth + c] ?? 0)));
      const source = f(keep * (pixels[pixel + c] ?? 0));
      // A float of 1.5 * 2^23 has no bits below one: adding it rounds to the nearest integer, ties to even.
      const level = f(f(f(near + far) + source) + 12582912) - 12582912;
      pixels[pixel + c] = Math.max(0, Math.min(65535, level));
    }
  }
}
