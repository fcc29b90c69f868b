/** Runs a Look over pixels, with the kernels of the newest few Looks kept ready. Never compiles a Look. */
import type { Look } from '../../bridge/presets/look.ts';
import { createKernel } from '../kernel/kernel.ts';
import type { Kernel } from '../kernel/kernel-api.ts';
import { applySteps } from '../spatial/apply-steps.ts';
import type { Pixels } from './pixels.ts';

const KEPT_KERNELS = 4;
const kernels = new Map<string, Kernel>();

export type LookUse = {
  /** 0..100. */
  blend: number;
  /** Pixels of this picture to one of the full-size photo, each way. */
  scale: number;
  /** Of the grain: the same for the same photo. */
  seed: number;
};

/** In place. Colours alone mix with the source in the kernel; with spatial steps the mix comes after these. */
export function applyLook(pixels: Pixels, look: Look, { blend, scale, seed }: LookUse): void {
  const { steps } = look;
  if (steps === undefined || blend === 0) {
    kernelOf(look, blend).apply(pixels.data, pixels.channels);
    return;
  }
  const kernel = kernelOf(look, 100);
  const colour = (bytes: Pixels['data']) => kernel.apply(bytes, pixels.channels);
  applySteps({ pixels, steps, colour, blend, scale, seed });
}

/** A number that tells photos apart: FNV-1a over some 4096 bytes spread over the file. */
export function seedOf(bytes: Uint8Array): number {
  const stride = Math.max(1, Math.floor(bytes.length / 4096));
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at += stride) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
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
