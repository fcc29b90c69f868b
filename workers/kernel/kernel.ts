/**
 * The colour kernel of one thread: runs a compiled Look over decoded pixels. It never compiles Looks, never decodes,
 * and knows nothing of files.
 */
import { CURVE_ENTRIES, type Look } from '../../bridge/presets/look.ts';
import type { Kernel } from './kernel-api.ts';
import { createWasmKernel } from './wasm-kernel.ts';

/** Smallest and largest grid a kernel runs. */
export const MIN_GRID = 2;
export const MAX_GRID = 129;

/**
 * `blend` is 0 (the original bytes) to 100 (the whole Look) and mixes before the result is clipped. Nodes further than 16 from mid
 * grey are held there. Kernels of one thread share one instance and its memory (see `createWasmKernel`). Throws RangeError for a
 * Look whose tables do not fit its size, a grid outside MIN_GRID..MAX_GRID or a blend outside its range.
 */
export function createKernel(look: Look, blend: number): Kernel {
  checkLook(look);
  if (!(blend >= 0 && blend <= 100)) throw new RangeError('blend must be within 0..100');
  if (blend === 0) return { apply: () => undefined };
  return createWasmKernel(look, blend);
}

function checkLook({ size, lut, curves }: Look): void {
  if (!Number.isInteger(size) || size < MIN_GRID || size > MAX_GRID) {
    throw new RangeError('the grid of a look must have 2 to 129 nodes per axis');
  }
  if (lut.length !== size ** 3 * 3) throw new RangeError('the table of a look does not fit its size');
  if (curves !== null && curves.length !== 3 * CURVE_ENTRIES) {
    throw new RangeError('the curves of a look do not have the right length');
  }
}
