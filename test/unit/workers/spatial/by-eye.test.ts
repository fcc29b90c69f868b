/** Faults that were seen in pictures once: light seams beside poles, noise in skies, violet seams that stayed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opened } from '../../../../workers/spatial/opened.ts';
import { develop, noiseAt, paint, spreadOf } from './pictures.ts';

describe('dehaze', () => {
  it('darkens a hazy sky beside a dark pole as far from it', () => {
    const [width, height] = [480, 320];
    const sky = (y: number) => 0.62 + 0.1 * (y / height);
    const source = paint((x, y) => (x >= 236 && x < 242 ? 0.08 : [sky(y) - 0.04, sky(y), sky(y) + 0.06]), {
      width,
      height,
    });
    const { data } = develop(source, { dehaze: 80 });
    for (const y of [60, 160, 260]) {
      const green = (x: number) => data[(y * width + x) * 3 + 1]!;
      for (const beside of [226, 230, 248, 252]) expect(Math.abs(green(beside) - green(60))).toBeLessThan(4);
    }
  });

  it('takes the veil from the opening of the darkest channel, which never exceeds it and stays when opened again', () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 6 }), fc.integer(), (width, height, radius, seed) => {
        const source = Float32Array.from({ length: width * height }, (_, at) => noiseAt(at, 0, seed));
        const size = { width, height, radius };
        const once = opened({ source, ...size });
        expect(once).toEqual(extreme(extreme(source, size, Math.min), size, Math.max));
        expect(once.every((value, at) => value <= source[at]!)).toBe(true);
        expect(opened({ source: once, ...size })).toEqual(once);
      }),
    );
  });
});

type Size = { width: number; height: number; radius: number };

/** Of the square around each pixel, one by one. */
function extreme(plane: Float32Array, { width, radius }: Size, keep: (...of: number[]) => number) {
  return plane.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return keep(
      ...plane.filter(
        (_value, other) =>
          Math.abs((other % width) - x) <= radius && Math.abs(Math.floor(other / width) - y) <= radius,
      ),
    );
  });
}

describe('clarity', () => {
  it('raises the shapes of a picture and leaves the noise of a sky nearly alone', () => {
    const size = { width: 240, height: 160 };
    const noisy = paint((x, y) => 0.6 + (1.5 / 255) * noiseAt(x, y), size);
    expect(spreadOf(develop(noisy, { clarity: 100 })) / spreadOf(noisy)).toBeLessThan(1.4);
    const shaped = paint((x, y) => 0.5 + 0.06 * Math.sin(x) * Math.sin(y), size);
    expect(spreadOf(develop(shaped, { clarity: 100 })) / spreadOf(shaped)).toBeGreaterThan(1.5);
  });
});

describe('defringe with its sliders at rest', () => {
  const preset = { defringe: { purple_amount: 10, green_amount: 10 } };
  /** How far apart the channels are left of the middle, against the source. */
  const keptOf = (seam: readonly [number, number, number]) => {
    const source = paint((x) => (x < 48 ? 0.95 : x < 50 ? seam : 0.1), { width: 96, height: 32 });
    const span = (data: ArrayLike<number>) => {
      const at = (16 * 96 + 48) * 3;
      const pixel = [data[at]!, data[at + 1]!, data[at + 2]!];
      return Math.max(...pixel) - Math.min(...pixel);
    };
    return span(develop(source, preset).data) / span(source.data);
  };

  it.each([
    ['violet blue', [0.34, 0.28, 0.7]],
    ['purple', [0.5, 0.2, 0.65]],
    ['magenta', [0.65, 0.25, 0.55]],
    ['green', [0.3, 0.6, 0.3]],
  ] as const)('takes most of the colour of a %s seam', (_, seam) => {
    expect(keptOf(seam)).toBeLessThan(0.4);
  });

  it('leaves the blue of a sky, skin and yellow beside an edge alone', () => {
    for (const seam of [
      [0.4, 0.6, 0.9],
      [0.8, 0.6, 0.5],
      [0.8, 0.75, 0.2],
    ] as const) {
      expect(keptOf(seam)).toBeGreaterThan(0.95);
    }
  });
});
