/** A photo at screen size, decoded once and looked at often: what a slider moves over. Types and copies only. */
import type { Pixels } from './pixels.ts';

/** sRGB, upright, 8 bits, in shared memory: read by any thread, changed by none. */
export type PhotoProxy = {
  pixels: Pixels & { data: Uint8Array };
  /** Pixels of it to one of the full-size photo, each way. */
  scale: number;
  /** Of the grain (see `seedOf`). */
  seed: number;
};

/** Pixels of their own to develop. (`slice` copies shared memory five times as fast as `from` or the constructor.) */
export function copyPixels({ pixels }: PhotoProxy): Pixels {
  return { ...pixels, data: pixels.data.slice() };
}

export function toShared(pixels: Pixels, { scale, seed }: Pick<PhotoProxy, 'scale' | 'seed'>): PhotoProxy {
  const data = new Uint8Array(new SharedArrayBuffer(pixels.data.byteLength));
  data.set(pixels.data);
  return { pixels: { ...pixels, data }, scale, seed };
}
