/** Pixels, colours and orientation through the whole pipeline, with real files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevelopOutcome } from '../../../bridge/contract/index.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { convertFromSrgb } from '../../../workers/colour/convert-pixels.ts';
import { rgbSpaces } from '../../../workers/colour/rgb-space.ts';
import { attachMetadata } from '../../../workers/metadata/attach.ts';
import { type NamedColour, outputProfile, profileColour } from '../../../workers/metadata/profiles.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import type { Pixels } from '../../../workers/pipeline/pixels.ts';
import { proof } from '../../../workers/pipeline/proof.ts';
import { encode, type ImageOptions, makeImage, makePixels, type RawPicture } from '../../helpers/images.ts';
import { brightRecipe, developTask, proofTask, type TaskOptions } from '../../helpers/tasks.ts';

let folder = '';
let count = 0;
const look = compileLook(brightRecipe);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-develop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function source(bytes: Buffer): Promise<string> {
  const path = join(folder, `source-${count++}`);
  await writeFile(path, bytes);
  return path;
}
const makeSource = async (options: ImageOptions) => source(await makeImage(options));

function run(path: string, options: Partial<TaskOptions> = {}): Promise<DevelopOutcome> {
  const task = developTask({ path, folder, item: count++, ...options });
  const context = { look: task.recipe ? look : null, onSize: () => undefined, mayWrite: () => true };
  return develop(task, context);
}

async function done(path: string, options: Partial<TaskOptions> = {}) {
  const outcome = await run(path, options);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
  if (outcome.output === undefined) throw new Error('skipped');
  return { ...outcome.output, warnings: outcome.warnings, file: await readFile(outcome.output.path) };
}

const pixelsOf = (file: Buffer, depth: 8 | 16 = 8) => {
  const chain = sharp(file, { ignoreIcc: true });
  if (depth === 16) chain.toColourspace('rgb16');
  return chain.raw({ depth: depth === 16 ? 'ushort' : 'uchar' }).toBuffer();
};
const bytesOf = (data: Uint8Array | Uint16Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

function greatestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let greatest = left.length === right.length ? 0 : Number.POSITIVE_INFINITY;
  for (let at = 0; at < left.length; at++) greatest = Math.max(greatest, Math.abs(left[at]! - right[at]!));
  return greatest;
}

/** The sRGB picture as a PNG whose pixels and profile are of another space. */
async function inSpace(picture: RawPicture, space: NamedColour): Promise<Buffer> {
  const { width, height } = picture;
  const pixels: Pixels = { data: picture.data.slice(), width, height, channels: 3 };
  convertFromSrgb(pixels, rgbSpaces[space]);
  const encoded = await encode({ ...picture, data: pixels.data }, { format: 'png' });
  const blocks = { exif: null, xmp: null, iptc: null };
  const { pieces } = attachMetadata({ encoded, format: 'png', blocks, icc: outputProfile(space, null) });
  return Buffer.concat(pieces);
}

describe('blend 0 and no preset', () => {
  const cases = (['png', 'tiff'] as const).flatMap((format) =>
    ([8, 16] as const).flatMap((depth) => ([3, 4] as const).map((channels) => ({ format, depth, channels }))),
  );

  it.each(cases)('pass $depth-bit pixels of $channels channels exactly into a $format', async (options) => {
    const { format, depth } = options;
    const picture = makePixels({ ...options, width: 101, height: 67 });
    const path = await source(await encode(picture, options));
    for (const task of [{}, { recipe: brightRecipe, blend: 0 }]) {
      const { file } = await done(path, { ...task, output: { format } });
      expect((await pixelsOf(file, depth)).equals(bytesOf(picture.data))).toBe(true);
    }
  });

  it('pass the pixels of a photo tagged sRGB exactly, too', async () => {
    const path = await makeSource({ format: 'png', icc: 'srgb' });
    const { file } = await done(path, { output: { format: 'png' } });
    expect((await pixelsOf(file)).equals(await pixelsOf(await readFile(path)))).toBe(true);
  });

  it('differ from the whole look', async () => {
    const path = await makeSource({ format: 'png' });
    const plain = await done(path, { output: { format: 'png' } });
    const bright = await done(path, { recipe: brightRecipe, output: { format: 'png' } });
    const mean = async (file: Buffer) => (await sharp(file).stats()).channels[0]!.mean;
    expect(await mean(bright.file)).toBeGreaterThan((await mean(plain.file)) + 10);
  });
});

describe('depth', () => {
  it('stays 16 bits through a look into PNG and TIFF, unless 8 are asked for', async () => {
    const path = await makeSource({ format: 'tiff', depth: 16 });
    for (const format of ['png', 'tiff'] as const) {
      const wide = await done(path, { recipe: brightRecipe, output: { format } });
      expect((await sharp(wide.file).metadata()).depth).toBe('ushort');
      const levels = new Set(new Uint16Array((await pixelsOf(wide.file, 16)).buffer));
      expect(levels.size).toBeGreaterThan(1000);
      const narrow = await done(path, { recipe: brightRecipe, output: { format, bit_depth: 8 } });
      expect((await sharp(narrow.file).metadata()).depth).toBe('uchar');
    }
  });

  it('is clamped to 8 bits with a warning where the format has no more', async () => {
    const path = await makeSource({ format: 'png', depth: 16 });
    const { warnings } = await done(path, { output: { format: 'jpeg', bit_depth: 16 } });
    expect(warnings).toContain('A jpeg file is written with 8 bits a channel.');
  });
});

describe('orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i comes out upright and untagged', async (orientation) => {
    const stored = makePixels({ width: 60, height: 40 });
    const bytes = await encode(stored, { format: 'tiff', orientation });
    const path = await source(bytes);
    const reference = await sharp(bytes).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const { file, width, height } = await done(path, { output: { format: 'png' } });
    expect({ width, height }).toEqual({ width: reference.info.width, height: reference.info.height });
    expect(width > height).toBe(orientation < 5);
    expect((await pixelsOf(file)).equals(reference.data)).toBe(true);
    expect((await sharp(file).metadata()).orientation ?? 1).toBe(1);
  });

  it('counts for the wished size', async () => {
    const path = await makeSource({ width: 400, height: 200, orientation: 6 });
    expect(await done(path, { output: { width: 100 } })).toMatchObject({ width: 100, height: 200 });
  });
});

describe('transparency', () => {
  it('is put on white with a warning in a JPEG, and only when there is any', async () => {
    const clear = await makeSource({ format: 'png', channels: 4 });
    const { file, warnings } = await done(clear);
    expect(warnings).toContain('JPEG has no transparency: the photo was put on white.');
    const left = (await pixelsOf(file)).subarray(0, 3);
    expect(Math.min(...left)).toBeGreaterThan(245);
    const opaque = await source(
      await sharp(await makeImage({ format: 'png' }))
        .ensureAlpha()
        .png()
        .toBuffer(),
    );
    expect((await done(opaque)).warnings).toEqual([]);
  });

  it.each(['png', 'webp', 'tiff', 'avif'] as const)('is kept in a %s', async (format) => {
    const path = await makeSource({ format: 'png', channels: 4, width: 64, height: 48 });
    const { file } = await done(path, { recipe: brightRecipe, output: { format } });
    expect((await sharp(file).metadata()).hasAlpha).toBe(true);
  });
});

describe('colour', () => {
  const wide = [8, 16].flatMap((depth) => ['display-p3', 'adobe-rgb'].map((space) => ({ depth, space })));
  it.each(wide as { depth: 8 | 16; space: NamedColour }[])(
    'of a $depth-bit source in $space is brought to sRGB, and the output says so',
    async ({ depth, space }) => {
      const picture = makePixels({ seed: 2, depth });
      const bytes = await inSpace(picture, space);
      const { file } = await done(await source(bytes), { output: { format: 'png' } });
      const wanted = picture.data;
      const bytesGot = await pixelsOf(file, depth);
      const got =
        depth === 8 ? bytesGot : new Uint16Array(bytesGot.buffer, bytesGot.byteOffset, wanted.length);
      const worst = greatestDifference(got, wanted);
      expect(worst / (depth === 8 ? 1 : 257)).toBeLessThanOrEqual(3);
      expect(profileColour((await sharp(file).metadata()).icc!)).toBe('srgb');
    },
  );

  it('keep passes the pixels and profile of a source without a look, exactly', async () => {
    const bytes = await makeImage({ format: 'png', icc: 'p3' });
    const { file } = await done(await source(bytes), { output: { format: 'png', colour: 'keep' } });
    expect((await pixelsOf(file)).equals(await pixelsOf(bytes))).toBe(true);
    expect((await sharp(file).metadata()).icc).toEqual((await sharp(bytes).metadata()).icc);
  });

  it('keep with a look comes back to the space of the source', async () => {
    const bytes = await makeImage({ format: 'png', icc: 'p3' });
    const { file } = await done(await source(bytes), {
      recipe: brightRecipe,
      blend: 1,
      output: { format: 'png', colour: 'keep' },
    });
    const before = await pixelsOf(bytes);
    const mean = (data: Buffer) => data.reduce((sum, value) => sum + value, 0) / data.length;
    expect(Math.abs(mean(await pixelsOf(file)) - mean(before))).toBeLessThan(4);
  });

  it.each(['display-p3', 'adobe-rgb'] as const)('%s is converted to and tagged', async (colour) => {
    const bytes = await makeImage({ format: 'png' });
    const { file } = await done(await source(bytes), { output: { format: 'png', colour } });
    expect((await pixelsOf(file)).equals(await pixelsOf(bytes))).toBe(false);
    const icc = (await sharp(file).metadata()).icc;
    expect(profileColour(icc!)).toBe(colour);
    const back = await sharp(file).raw().toBuffer();
    const before = await pixelsOf(bytes);
    const worst = greatestDifference(back, before);
    expect(worst).toBeLessThanOrEqual(3);
  });

  it('of CMYK comes out as RGB', async () => {
    const path = await makeSource({ format: 'jpeg', icc: 'cmyk' });
    const { file } = await done(path, { recipe: brightRecipe });
    expect(await sharp(file).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
  });

  it('of grey stays grey in three channels', async () => {
    const path = await makeSource({ format: 'png', channels: 1 });
    const { file } = await done(path, { output: { format: 'png' } });
    const pixels = await pixelsOf(file);
    for (let at = 0; at < pixels.length; at += 3) expect(pixels[at] === pixels[at + 1]).toBe(true);
  });

  it.each([
    ['its table of contents', (icc: Buffer) => icc.fill(0xff, 128, 200)],
    ['its curves', (icc: Buffer) => icc.fill(0x41, 200, 400)],
    ['its header', (icc: Buffer) => icc.fill(0, 12, 40)],
  ])('survives a profile damaged in %s', async (_case, damage) => {
    const bytes = await makeImage({ format: 'jpeg', icc: 'p3' });
    const at = bytes.indexOf('ICC_PROFILE', 0, 'latin1') + 14;
    damage(bytes.subarray(at, at + 400));
    const { warnings } = await done(await source(bytes), { recipe: brightRecipe });
    expect(warnings.join()).toMatch(/colour profile/);
  });
});

describe('size', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('is as wished in a %s', async (format) => {
    const path = await makeSource({ width: 300, height: 200 });
    const output = await done(path, { output: { format, long_edge: 90, sharpen: 'screen' } });
    expect(output).toMatchObject({ width: 90, height: 60, format });
    expect(await sharp(output.file).metadata()).toMatchObject({ width: 90, height: 60 });
    expect(output.bytes).toBe(output.file.length);
  });

  it('above the limit is refused before decoding', async () => {
    const path = await makeSource({ width: 300, height: 200 });
    expect(await run(path, { limits: { max_pixels: 59_999 } })).toMatchObject({
      ok: false,
      failure: { code: 'source_too_large', stage: 'decode' },
    });
    expect(await run(path, { limits: { max_bytes: 100 } })).toMatchObject({
      ok: false,
      failure: { code: 'source_too_large', stage: 'read' },
    });
  });
});

describe('damage', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
    'a %s cut short is refused, never half done',
    async (format) => {
      const bytes = await makeImage({ format, width: 400, height: 300 });
      for (const part of [0.5, 0.95]) {
        const path = await source(bytes.subarray(0, Math.floor(bytes.length * part)));
        expect(await run(path)).toMatchObject({ ok: false, failure: { code: 'damaged_image' } });
      }
    },
  );
});

describe('a proof', () => {
  it('is a small upright JPEG', async () => {
    const path = await makeSource({ width: 400, height: 200, orientation: 6 });
    const outcome = await proof(proofTask(path, { long_edge: 100 }), { look, onSize: () => undefined });
    if (!outcome.ok) throw new Error(outcome.failure.message);
    expect(await sharp(outcome.jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 50, height: 100 });
  });
});

describe('memory', () => {
  it('of a photo is given back by the time the photo is done, without the collector', async () => {
    const path = await makeSource({ width: 3000, height: 2000 });
    await done(path, { recipe: brightRecipe });
    for (let photo = 0; photo < 3; photo++) {
      const before = process.memoryUsage().external;
      await run(path, { recipe: brightRecipe });
      // The pixels alone are 18 MB.
      expect(process.memoryUsage().external - before).toBeLessThan(9e6);
    }
  });
});
