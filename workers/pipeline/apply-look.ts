/** Runs a Look over pixels, with the kernels of the newest few Looks kept ready. Never compiles a Look. */
import type { Look } from '../../bridge/presets/look.ts';
import { createKernel } from '../kernel/kernel.ts';
import type { Kernel } from '../kernel/kernel-api.ts';
import type { Pixels } from './pixels.ts';

const KEPT_KERNELS = 4;
const kernels = new Map<string, Kernel>();

/** In place. `blend`: 0..100. */
export function applyLook(pixels: Pixels, look: Look, blend: number): void {
  kernelOf(look, blend).apply(pixels.data, pixels.channels);
}

function kernelOf(look: Look, blend: number): Kernel {
  const key = `${look.hash}/${blend}`;
  const kernel = kernels.get(key) ?? createKernel(look, blend);
  kernels.delete(key);
  kernels.set(key, kernel);
  for (const oldest of kernels.keys()) {
    if (kernels.size <= KEPT_KERNELS) break;
    kernels.delete(oldest);
  }
  return kernel;
}
