/** Looks and pixels for the kernel's tests, all made from a seed. */
import { CURVE_ENTRIES, type Look } from '../../../../bridge/presets/look.ts';

type Shade = (r: number, g: number, b: number) => [number, number, number];

/** Uniform numbers in 0..1 (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function lookOf(size: number, shade: Shade, curves: Look['curves'] = null): Look {
  const lut = new Float32Array(size ** 3 * 3);
  for (let node = 0; node < size ** 3; node++) {
    const at = (n: number) => (Math.floor(n) % size) / (size - 1);
    lut.set(shade(at(node), at(node / size), at(node / size ** 2)), node * 3);
  }
  return { hash: 'test', size, lut, curves };
}

export function identityLook(size: number): Look {
  return lookOf(size, (r, g, b) => [r, g, b]);
}

/** As strong as presets get, from about -0.3 to 1.4. */
export function strongLook(size: number, curves: Look['curves'] = null): Look {
  const shade = (a: number, b: number, c: number) =>
    1.35 * a - 0.15 * b - 0.12 * c + 0.1 * Math.sin(5 * b) + 0.03;
  return lookOf(size, (r, g, b) => [shade(r, g, b), shade(g, b, r), shade(b, r, g)], curves);
}

/** Nodes at random within `reach` of mid grey. */
export function wildLook(size: number, reach: number, curved: boolean, seed: number): Look {
  const random = createRandom(seed);
  const node = () => 0.5 + (random() * 2 - 1) * reach;
  const curves = curved ? Float32Array.from({ length: 3 * CURVE_ENTRIES }, random) : null;
  return lookOf(size, () => [node(), node(), node()], curves);
}

/** One power for each channel, with a toe. */
export function powerCurves(...powers: [number, number, number]): Float32Array {
  const bend = (power: number, i: number) => (i / (CURVE_ENTRIES - 1)) ** power * 0.9 + 0.05;
  return Float32Array.from({ length: 3 * CURVE_ENTRIES }, (_, i) =>
    bend(powers[Math.floor(i / CURVE_ENTRIES)] ?? 1, i % CURVE_ENTRIES),
  );
}

export function randomPixels(depth: 8 | 16, length: number, seed: number): Uint8Array | Uint16Array {
  const random = createRandom(seed);
  const pixels = depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  return pixels.map(() => random() * 2 ** depth);
}
