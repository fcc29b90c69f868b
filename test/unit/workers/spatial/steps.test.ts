/** What each spatial step does to a picture. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { NativePreset } from '../../../../bridge/contract/index.ts';
import type { Pixels } from '../../../../workers/pipeline/pixels.ts';
import { develop, meanOf, noiseAt, type PaintOptions, paint, psnr, spreadOf } from './pictures.ts';

const greens = ({ data, channels }: Pixels) =>
  Uint8Array.from({ length: data.length / channels }, (_, at) => data[at * channels + 1]!);
const isRising = (values: readonly number[]) =>
  values.every((value, at) => at === 0 || value > (values[at - 1] ?? 0));

describe('clarity', () => {
  const waves = paint((x) => 0.5 + 0.06 * Math.sin(x / 3), { width: 800, height: 8 });

  it('raises and lowers local contrast, more with a larger amount', () => {
    const spreads = [-100, -50, -1, 10, 50, 100].map((clarity) => spreadOf(develop(waves, { clarity })));
    expect(isRising(spreads)).toBe(true);
    expect(spreads.at(-1)! / spreadOf(waves)).toBeGreaterThan(1.4);
  });

  it('leaves slow gradients, blacks and whites', () => {
    const slow = paint((x) => 0.3 + x / 2000, { width: 800, height: 8 });
    expect(psnr(develop(slow, { clarity: 100 }), slow)).toBeGreaterThan(48);
    const ends = paint((x) => (x % 8 < 4 ? 0 : 1), { width: 800, height: 8 });
    expect(develop(ends, { clarity: 100 }).data).toEqual(ends.data);
  });
});

describe('texture', () => {
  it('raises and lowers middle-sized detail, more with a larger amount, but noise of a level hardly', () => {
    const detail = paint((x) => 0.5 + 0.03 * Math.sin(x * 0.9), { width: 4000, height: 8 });
    const spreads = [-100, -50, 20, 60, 100].map((texture) => spreadOf(develop(detail, { texture })));
    expect(isRising(spreads)).toBe(true);
    expect(spreads.at(-1)! / spreadOf(detail)).toBeGreaterThan(1.4);
    const options: PaintOptions = { width: 4000, height: 8, depth: 16 };
    const noise = paint((x, y) => 0.5 + 0.002 * noiseAt(x, y), options);
    expect(spreadOf(develop(noise, { texture: 100 })) / spreadOf(noise)).toBeLessThan(1.15);
  });
});

describe('overshoot at a step edge', () => {
  const edge = (height: number) =>
    paint((x) => (x < 400 ? 0.5 - height / 2 : 0.5 + height / 2), { width: 800, height: 6 });
  const overshootOf = (preset: NativePreset, height: number, scale = 1) => {
    const before = edge(height);
    const shown = greens(develop(before, preset, { scale }));
    const [low, high] = [Math.min(...before.data), Math.max(...before.data)];
    return Math.max(Math.max(...shown) - high, low - Math.min(...shown));
  };

  it.each([0.1, 0.3, 0.6])('stays below what is promised at a height of %f', (height) => {
    const levels = height * 255;
    expect(overshootOf({ clarity: 100 }, height)).toBeLessThanOrEqual(13);
    expect(overshootOf({ texture: 100 }, height)).toBeLessThanOrEqual(3);
    for (const detail of [0, 25, 100]) {
      const sharpening = { amount: 150, radius: 2, detail };
      const share = 0.2 + (0.8 * detail) / 100;
      expect(overshootOf({ sharpening }, height)).toBeLessThanOrEqual((share * 1.8 * levels) / 2 + 1);
    }
  });

  it('is there at all', () => {
    expect(overshootOf({ sharpening: { amount: 100, detail: 100 } }, 0.3)).toBeGreaterThan(8);
  });
});

describe('sharpening', () => {
  const soft = paint((x, y) => 0.5 + 0.2 * Math.tanh((x % 40) - 20) + 0.006 * noiseAt(x, y), {
    width: 400,
    height: 20,
  });
  const slopeOf = (picture: Pixels) => {
    const values = greens(picture);
    return values.reduce((most, value, at) => Math.max(most, Math.abs(value - (values[at - 1] ?? value))), 0);
  };
  const noiseOf = (picture: Pixels) => {
    // Columns 22 to 38 of each block are flat but for the noise.
    const values = greens(picture).filter((_value, at) => at % 40 > 24 && at % 40 < 36);
    return spreadOf({ ...picture, data: values });
  };

  it('makes edges steeper, more with a larger amount', () => {
    const slopes = [0.01, 30, 70, 110, 150].map((amount) =>
      slopeOf(develop(soft, { sharpening: { amount } })),
    );
    expect(isRising(slopes)).toBe(true);
  });

  it('spares noise with less detail, and all that is flat with more masking', () => {
    const noise = (sharpening: object) =>
      noiseOf(develop(soft, { sharpening: { amount: 100, ...sharpening } }));
    expect(noise({ detail: 0 })).toBeLessThan(noise({ detail: 50 }));
    expect(noise({ detail: 50 })).toBeLessThan(noise({ detail: 100 }));
    expect(noise({ detail: 100, masking: 80 })).toBeLessThan(1.02 * noiseOf(soft));
    const masked = develop(soft, { sharpening: { amount: 100, masking: 80 } });
    expect(slopeOf(masked)).toBeGreaterThan(slopeOf(soft) + 3);
  });
});

describe('noise reduction', () => {
  const noisy = (strength: number) =>
    paint(
      (x, y) => {
        const base = x < 100 ? 0.35 : 0.65;
        return [0, 1, 2].map((seed) => base + strength * noiseAt(x, y, seed)) as [number, number, number];
      },
      { width: 200, height: 100 },
    );
  const lumas = ({ data, ...rest }: Pixels): Pixels => ({
    ...rest,
    data: Uint8Array.from(
      { length: data.length / 3 },
      (_, at) => 0.2126 * data[3 * at]! + 0.7152 * data[3 * at + 1]! + 0.0722 * data[3 * at + 2]! + 0.5,
    ),
  });
  const leftSpread = (picture: Pixels) =>
    spreadOf({ ...picture, data: lumas(picture).data.filter((_value, at) => at % 200 < 90) });
  const colourSpread = (picture: Pixels) =>
    spreadOf({
      ...picture,
      data: Uint8Array.from({ length: picture.data.length / 3 }, (_, at) => {
        return 128 + picture.data[3 * at]! - picture.data[3 * at + 1]!;
      }),
    });

  it('takes luminance noise off, more with a larger amount and less with more detail; the edge stays', () => {
    const source = noisy(0.06);
    const spread = (noise_reduction: object) => leftSpread(develop(source, { noise_reduction }));
    const spreads = [100, 60, 30, 10].map((luminance) => spread({ luminance }));
    expect(isRising([...spreads, leftSpread(source)])).toBe(true);
    expect(spread({ luminance: 60 })).toBeLessThan(0.5 * leftSpread(source));
    expect(spread({ luminance: 40, detail: 100 })).toBeGreaterThan(spread({ luminance: 40, detail: 0 }));
    expect(spread({ luminance: 60, contrast: 100 })).toBeGreaterThan(spread({ luminance: 60 }));
    const { data } = lumas(develop(source, { noise_reduction: { luminance: 50 } }));
    const column = (x: number) => meanOf({ ...source, data: data.filter((_value, at) => at % 200 === x) });
    expect(column(101) - column(98)).toBeGreaterThan(60);
  });

  it('takes colour noise off and leaves luma and strong colours', () => {
    const source = noisy(0.08);
    const shown = [100, 50, 10].map((colour) => develop(source, { noise_reduction: { colour } }));
    expect(isRising([...shown.map(colourSpread), colourSpread(source)])).toBe(true);
    expect(colourSpread(shown[1]!)).toBeLessThan(0.5 * colourSpread(source));
    expect(psnr(lumas(shown[0]!), lumas(source))).toBeGreaterThan(50);
    const dots = paint((x, y) => (x % 9 === 4 && y % 9 === 4 ? [0.9, 0.1, 0.1] : [0.4, 0.5, 0.4]));
    const kept = develop(dots, { noise_reduction: { colour: 25 } });
    expect(kept.data[(4 * 96 + 4) * 3]! - kept.data[(4 * 96 + 4) * 3 + 1]!).toBeGreaterThan(150);
  });
});

describe('dehaze', () => {
  const hazy = paint(
    (x, y) => {
      const far = y / 300;
      const leaf = [0.15 + 0.2 * noiseAt(x >> 2, y >> 2), 0.3 + 0.2 * noiseAt(x >> 2, y >> 2), 0.08];
      return leaf.map((value) => value * far + 0.85 * (1 - far)) as [number, number, number];
    },
    { width: 400, height: 300 },
  );

  it('takes the veil off, more with a larger amount, or lays one on', () => {
    const means = [100, 60, 20, -20, -60, -100].map((dehaze) => meanOf(develop(hazy, { dehaze })));
    expect(isRising(means)).toBe(true);
    // Contrast at one distance: across the picture it is the veil itself that varies.
    const far = (picture: Pixels) => ({ ...picture, data: picture.data.slice(100 * 1200, 104 * 1200) });
    const spreads = [-100, -40, 40, 100].map((dehaze) => spreadOf(far(develop(hazy, { dehaze }))));
    expect(isRising(spreads)).toBe(true);
  });
});

describe('defringe', () => {
  const seam = paint((x) =>
    x < 60 ? 0.1 : x === 60 ? [0.55, 0.2, 0.75] : x === 90 ? [0.55, 0.2, 0.75] : 0.9,
  );
  const colourAt = ({ data }: Pixels, x: number) => data[x * 3 + 2]! - data[x * 3 + 1]!;

  it('takes the colour of a purple seam away, and of nothing that is not at an edge or not of that hue', () => {
    const shown = develop(seam, { defringe: { purple_amount: 10 } });
    expect(colourAt(shown, 60)).toBeLessThan(10);
    expect(develop(seam, { defringe: { green_amount: 10 } }).data).toEqual(seam.data);
    const flower = paint((x) => (x < 60 ? [0.5, 0.3, 0.6] : [0.55, 0.35, 0.65]));
    expect(develop(flower, { defringe: { purple_amount: 20 } }).data).toEqual(flower.data);
  });
});

describe('vignette', () => {
  const flat = paint(() => 0.5, { width: 90, height: 61 });
  const at = (picture: Pixels, x: number, y: number) => picture.data[(y * 90 + x) * 3]!;
  const styles = ['highlights', 'colour', 'paint'] as const;

  it.each(styles)('%s is symmetric, untouched in the middle, and stronger with the amount', (style) => {
    for (const roundness of [-100, -30, 0, 50, 100]) {
      const shown = develop(flat, { vignette: { amount: -70, style, roundness } });
      for (let y = 0; y < 61; y++) {
        for (let x = 0; x < 90; x++) {
          expect(at(shown, x, y)).toBe(at(shown, 89 - x, y));
          expect(at(shown, x, y)).toBe(at(shown, x, 60 - y));
        }
      }
      expect(at(shown, 45, 30)).toBe(128);
    }
    const corners = [-100, -50, -10, 10, 50, 100].map((amount) =>
      at(develop(flat, { vignette: { amount, style } }), 0, 0),
    );
    expect(isRising(corners)).toBe(true);
    expect(corners[0]).toBeLessThan(64);
  });

  it('falls outwards without a step, sooner with a smaller midpoint, further with more feather', () => {
    const row = (vignette: object) => {
      const shown = develop(flat, { vignette: { amount: -80, ...vignette } });
      return Array.from({ length: 45 }, (_, x) => at(shown, x, 30));
    };
    const soft = row({ midpoint: 0, feather: 100 });
    expect(soft.every((value, x) => x === 0 || (value >= soft[x - 1]! && value - soft[x - 1]! < 6))).toBe(
      true,
    );
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(row({ midpoint: 10 }))).toBeLessThan(sum(row({ midpoint: 60 })));
    const steepest = (values: number[]) =>
      Math.max(...values.map((value, x) => value - (values[x - 1] ?? value)));
    expect(steepest(row({ midpoint: 0, feather: 0 }))).toBeGreaterThan(3 * steepest(soft));
  });

  it('spares bright places as asked, and their hue in the colour style', () => {
    const bright = paint(() => 0.95, { width: 90, height: 61 });
    const corner = (vignette: object) =>
      at(develop(bright, { vignette: { amount: -60, ...vignette } }), 0, 0);
    expect(isRising([corner({}), corner({ highlights: 50 }), corner({ highlights: 100 })])).toBe(true);
    const orange = paint(() => [0.9, 0.6, 0.3], { width: 90, height: 61 });
    const shown = develop(orange, { vignette: { amount: -60, highlights: 80, style: 'colour' } }).data;
    expect(shown[0]! / shown[2]!).toBeCloseTo(3, 1);
    const lit = develop(orange, { vignette: { amount: 100 } }).data;
    expect(Math.max(...lit)).toBeLessThan(255);
  });
});

describe('grain', () => {
  const greys = [0.02, 0.2, 0.5, 0.8, 0.98];

  it('keeps the mean within half a level, in every tone', () => {
    for (const grey of greys) {
      const flat = paint(() => grey, { width: 400, height: 300 });
      const shown = develop(flat, { grain: { amount: 100 } });
      expect(Math.abs(meanOf(shown) - meanOf(flat))).toBeLessThan(0.5);
      expect(spreadOf(shown)).toBeGreaterThan(0.5);
    }
    for (const level of [0, 1]) {
      const flat = paint(() => level);
      expect(develop(flat, { grain: { amount: 100 } }).data).toEqual(flat.data);
    }
  });

  it('is stronger with the amount, smoother with the size, and as strong in a smaller picture as one made smaller', async () => {
    const flat = paint(() => 0.5, { width: 900, height: 600 });
    const grain = (options: object, scale = 1, picture = flat) =>
      develop(picture, { grain: { amount: 50, ...options } }, { scale });
    expect(isRising([10, 40, 70, 100].map((amount) => spreadOf(grain({ amount }))))).toBe(true);
    const change = (picture: Pixels) => {
      const values = greens(picture);
      return values.reduce((sum, value, at) => sum + Math.abs(value - (values[at - 1] ?? value)), 0);
    };
    expect(isRising([100, 50, 25, 0].map((size) => change(grain({ size }))))).toBe(true);
    expect(grain({ roughness: 90 }).data).not.toEqual(grain({ roughness: 10 }).data);
    const size = { width: 300, height: 200 };
    for (const options of [{ size: 25 }, { size: 80 }]) {
      const { data } = grain(options);
      const raw = { width: 900, height: 600, channels: 3 } as const;
      const reduced = await sharp(data, { raw }).resize(300, 200).raw().toBuffer();
      const small = grain(
        options,
        1 / 3,
        paint(() => 0.5, size),
      );
      const ratio = spreadOf(small) / spreadOf({ ...small, data: reduced });
      expect(ratio).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.25);
    }
  });
});
