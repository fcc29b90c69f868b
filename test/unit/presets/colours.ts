/** Colours to measure tables with: the whole cube and the corners where tables stray. The same ones every time. */
import type { Rgb } from '../../../bridge/presets/colour/rgb.ts';

/** A linear congruential generator (Numerical Recipes): 0 up to 1. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Random, near black, near white, near grey, saturated, on faces and edges of the cube, and 8-bit colours, in turn. */
export function* createColours(count: number): Generator<Rgb> {
  const next = createRandom(7);
  const edge = (value: number) => (value < 0.4 ? 0 : value > 0.7 ? 1 : (value - 0.4) / 0.3);
  const inside = (value: number) => Math.min(1, Math.max(0, value));
  for (let index = 0; index < count; index++) {
    const [x, y, z] = [next(), next(), next()];
    switch (index % 8) {
      case 0:
        yield [x * 0.12, y * 0.12, z * 0.12];
        break;
      case 1:
        yield [1 - x * 0.15, 1 - y * 0.15, 1 - z * 0.15];
        break;
      case 2:
        yield [x, inside(x + (y - 0.5) * 0.1), inside(x + (z - 0.5) * 0.1)];
        break;
      case 3:
        yield [x, y * 0.03, z];
        break;
      case 4:
        yield [x * 0.03, y, z * 0.3];
        break;
      case 5:
        yield [edge(x), edge(y), edge(z)];
        break;
      case 6:
        yield [Math.round(x * 255) / 255, Math.round(y * 255) / 255, Math.round(z * 255) / 255];
        break;
      default:
        yield [x, y, z];
    }
  }
}
