/** Spatial steps through the pipeline and on real photos. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NativePreset, NativeRecipe } from '../../../bridge/contract/index.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import type { Pixels } from '../../../workers/pipeline/pixels.ts';
import { proof } from '../../../workers/pipeline/proof.ts';
import { encode, type ImageOptions, makeImage } from '../../helpers/images.ts';
import { sharedFolder } from '../../helpers/shared-files.ts';
import { developTask, proofTask, type TaskOptions } from '../../helpers/tasks.ts';
import {
  develop as applyTo,
  greatestDifference,
  psnr,
  spreadOf,
} from '../../unit/workers/spatial/pictures.ts';

let folder = '';
let count = 0;
const recipeOf = (preset: NativePreset): NativeRecipe => ({ kind: 'native', name: 'test', preset });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-spatial-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeSource(options: ImageOptions): Promise<string> {
  const path = join(folder, `source-${count++}`);
  await writeFile(path, await makeImage(options));
  return path;
}

async function pixelsOf(bytes: Buffer | Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: info.channels as 3 };
}

async function run(path: string, preset: NativePreset, options: Partial<TaskOptions> = {}): Promise<Pixels> {
  const recipe = recipeOf(preset);
  const output = { format: 'png' as const, ...options.output };
  const task = developTask({ path, folder, item: count++, recipe, ...options, output });
  const context = { look: compileLook(recipe), onSize: () => undefined, mayWrite: () => true };
  const outcome = await develop(task, context);
  if (!outcome.ok || outcome.output === undefined) throw new Error(JSON.stringify(outcome));
  return pixelsOf(await readFile(outcome.output.path));
}

describe('a preset with spatial steps', () => {
  const preset: NativePreset = {
    contrast: 30,
    clarity: 40,
    sharpening: { amount: 80 },
    vignette: { amount: -60 },
    grain: { amount: 40 },
  };

  it('is developed, mixed with the source by the blend, and the same every time', async () => {
    const path = await makeSource({ format: 'png', width: 500, height: 340 });
    const source = await pixelsOf(await readFile(path));
    const whole = await run(path, preset);
    expect(psnr(whole, source)).toBeLessThan(30);
    expect((await run(path, preset)).data).toEqual(whole.data);
    expect((await run(path, preset, { blend: 0 })).data).toEqual(source.data);
    const half = await run(path, preset, { blend: 50 });
    const wanted = source.data.map((value, at) => Math.round((value + whole.data[at]!) / 2));
    expect(greatestDifference(half, { ...source, data: wanted })).toBeLessThanOrEqual(1);
  });

  it('gives other photos other grain', async () => {
    const flat = async (seed: number) => {
      const path = join(folder, `flat-${seed}`);
      const data = new Uint8Array(300 * 200 * 3).fill(128);
      data[0] = seed;
      await writeFile(path, await encode({ data, width: 300, height: 200, channels: 3 }, { format: 'png' }));
      return run(path, { grain: { amount: 50 } });
    };
    const [one, other] = [await flat(10), await flat(90)];
    expect(spreadOf(one)).toBeGreaterThan(5);
    expect(psnr(one, other)).toBeLessThan(32);
  });

  it('keeps 16 bits and alpha', async () => {
    const path = await makeSource({ format: 'png', depth: 16, channels: 4, width: 200, height: 150 });
    const task = developTask({
      path,
      folder,
      item: count++,
      recipe: recipeOf(preset),
      output: { format: 'png' },
    });
    const context = { look: compileLook(recipeOf(preset)), onSize: () => undefined, mayWrite: () => true };
    const outcome = await develop(task, context);
    const bytes = await readFile(outcome.ok ? outcome.output!.path : '');
    const read = (file: Buffer) => sharp(file).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    const [shown, source] = [await read(bytes), await read(await readFile(path))];
    const values = (data: Buffer) => new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
    expect(new Set(values(shown)).size).toBeGreaterThan(3000);
    const alpha = (data: Buffer) => values(data).filter((_value, at) => at % 4 === 3);
    expect(alpha(shown)).toEqual(alpha(source));
  });

  it('shows in a preview as in a small output', async () => {
    const path = await makeSource({ format: 'png', width: 1200, height: 800 });
    const recipe = recipeOf({ vignette: { amount: -80 }, clarity: 50 });
    const options = { recipe, long_edge: 300, quality: 98 };
    const outcome = await proof(proofTask(path, options), {
      look: compileLook(recipe),
      onSize: () => undefined,
    });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome));
    const small = await run(path, recipe.preset, { output: { long_edge: 300 } });
    const plain = await run(path, {}, { output: { long_edge: 300 } });
    const shown = await pixelsOf(outcome.jpeg);
    expect(psnr(shown, small)).toBeGreaterThan(34);
    expect(psnr(shown, plain)).toBeLessThan(28);
  });
});

const photos = sharedFolder('photos/plain');

describe.skipIf(photos === null)('on a real photo', () => {
  /** Least likeness of "develop, then make smaller" to "make smaller, then develop", in dB. Grain has another pattern there. */
  const cases: [preset: NativePreset, least: number][] = [
    [{ clarity: 60 }, 48],
    [{ texture: 80 }, 48],
    [{ texture: -80 }, 48],
    [{ dehaze: 50 }, 44],
    [{ dehaze: -50 }, 48],
    [{ sharpening: { amount: 40 } }, 48],
    [{ sharpening: { amount: 100, radius: 2 } }, 40],
    [{ noise_reduction: { luminance: 50 } }, 48],
    [{ noise_reduction: { colour: 50 } }, 48],
    [{ vignette: { amount: -60 } }, 48],
    [{ defringe: { purple_amount: 8, green_amount: 8 } }, 48],
    [{ grain: { amount: 40 } }, 27],
  ];
  let full: Pixels;
  let small: Pixels;

  beforeAll(async () => {
    const bytes = await readFile(join(photos ?? '', 'samsung-sm-g935l-galaxy-s7-edge.jpg'));
    full = await pixelsOf(
      await sharp(bytes).rotate().resize(2800).removeAlpha().png({ compressionLevel: 0 }).toBuffer(),
    );
    small = await reduce(full);
  });

  async function reduce({ data, width, height }: Pixels): Promise<Pixels> {
    const raw = { width, height, channels: 3 } as const;
    const size = { width: 1000, height: Math.round((1000 * height) / width), fit: 'fill' } as const;
    return pixelsOf(await sharp(data, { raw }).resize(size).png({ compressionLevel: 0 }).toBuffer());
  }

  it.each(cases)('%j looks the same in a smaller output', async (preset, least) => {
    const wanted = await reduce(applyTo(full, preset));
    const shown = applyTo(small, preset, { scale: small.width / full.width });
    expect(psnr(shown, wanted)).toBeGreaterThan(least);
  });
});
