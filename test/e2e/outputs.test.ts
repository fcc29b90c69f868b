/** What a batch writes: files that decode, stand upright, keep profile and metadata, and whose pixels are the look's. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemResult } from '../../bridge/client/index.ts';
import { builtInPresets } from '../../bridge/presets/built-in/all.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import { evaluateLook } from '../../bridge/presets/evaluate-look.ts';
import { spawnDaemon, type TestDaemon } from '../helpers/daemon.ts';
import { makeImage } from '../helpers/images.ts';
import { sharedFolder } from '../helpers/shared-files.ts';
import { readTags } from '../medium/workers/metadata/exiftool.ts';
import { createFolder, waitForEnd } from './support.ts';

const photos = sharedFolder('photos');
let daemon: TestDaemon;
let folder: string;

beforeAll(async () => {
  daemon = await spawnDaemon();
  folder = await createFolder();
});
afterAll(() => daemon.stop());

async function develop(paths: readonly string[], config: Record<string, unknown>): Promise<ItemResult[]> {
  const { batch_id } = await daemon.client.batches.start({ photos: paths.map((path) => ({ path })), config });
  await waitForEnd(daemon.client, batch_id);
  return (await daemon.client.batches.photos(batch_id)).photos;
}

async function developOne(path: string, config: Record<string, unknown>): Promise<string> {
  const [result] = await develop([path], config);
  expect(result?.failure).toBeUndefined();
  return result?.output?.path ?? '';
}

/** The stored values: sharp would turn 16-bit pixels that have a profile into Display P3. */
async function pixelsOf(
  path: string,
  depth: 'uchar' | 'ushort' = 'uchar',
): Promise<Uint8Array | Uint16Array> {
  const image = sharp(path, { ignoreIcc: true });
  if (depth === 'uchar') return image.raw().toBuffer();
  const data = await image.toColourspace('rgb16').raw({ depth }).toBuffer();
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
}

describe('blend', () => {
  const preset = builtInPresets.find(({ name }) => name === 'WhiteLayer_v4')!;
  const { description: _text, ...sliders } = preset;
  const look = compileLook({ kind: 'native', name: preset.name, preset: sliders });
  const sources = {
    png: { format: 'png', depth: 8 },
    tiff: { format: 'tiff', depth: 16 },
  } as const;
  const paths: Record<string, string> = {};

  beforeAll(async () => {
    await mkdir(join(folder, 'blend'));
    for (const [name, { format, depth }] of Object.entries(sources)) {
      const path = join(folder, 'blend', `source.${name}`);
      await writeFile(path, await makeImage({ format, depth, width: 160, height: 120 }));
      paths[name] = path;
    }
  });

  it.each([
    ['png', 'uchar'],
    ['tiff', 'ushort'],
  ] as const)('0 leaves every pixel of a %s as it was (%s)', async (format, depth) => {
    const path = paths[format] ?? '';
    const output = await developOne(path, { preset: 'WhiteLayer_v4', blend: 0, output: { format } });
    const [before, after] = [await pixelsOf(path, depth), await pixelsOf(output, depth)];
    expect(after.length).toBe(before.length);
    expect(after.findIndex((value, at) => value !== before[at])).toBe(-1);
  });

  it('100 is the look, 60 lies 60 percent of the way', async () => {
    const path = paths.png ?? '';
    const [source, whole, part] = await Promise.all([
      pixelsOf(path),
      developOne(path, { preset: 'WhiteLayer_v4', blend: 100, output: { format: 'png' } }).then((to) =>
        pixelsOf(to),
      ),
      developOne(path, { preset: 'WhiteLayer_v4', blend: 60, output: { format: 'png' } }).then((to) =>
        pixelsOf(to),
      ),
    ]);
    let changed = 0;
    const worst = { whole: 0, part: 0 };
    for (let at = 0; at < source.length; at += 3) {
      const rgb = [source[at]! / 255, source[at + 1]! / 255, source[at + 2]! / 255] as const;
      const full = evaluateLook(look, [...rgb]);
      const mixed = evaluateLook(look, [...rgb], 0.6);
      for (const channel of [0, 1, 2] as const) {
        worst.whole = Math.max(worst.whole, Math.abs(whole[at + channel]! - 255 * full[channel]));
        worst.part = Math.max(worst.part, Math.abs(part[at + channel]! - 255 * mixed[channel]));
        if (Math.abs(whole[at + channel]! - source[at + channel]!) > 8) changed += 1;
      }
    }
    // Half a level of rounding and a little more.
    expect(worst.whole).toBeLessThan(0.75);
    expect(worst.part).toBeLessThan(0.75);
    expect(changed).toBeGreaterThan(source.length / 4);
  });
});

describe('an output', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('of orientation %i stands upright, its tag 1', async (orientation) => {
    const path = join(folder, `turned-${orientation}.jpg`);
    await writeFile(path, await makeImage({ width: 200, height: 120, orientation, quality: 98 }));
    const output = await developOne(path, { blend: 0, output: { quality: 98 } });
    const header = await sharp(output).metadata();
    expect(header.orientation ?? 1).toBe(1);
    expect([header.width, header.height]).toEqual(orientation < 5 ? [200, 120] : [120, 200]);
    const upright = await sharp(path).autoOrient().removeAlpha().raw().toBuffer();
    const written = await sharp(output).removeAlpha().raw().toBuffer();
    const total = upright.reduce((sum, value, at) => sum + Math.abs(value - written[at]!), 0);
    expect(total / upright.length).toBeLessThan(4);
  });

  it.each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)('as %s decodes to its size', async (format) => {
    const path = join(folder, 'plain.jpg');
    await writeFile(path, await makeImage({ width: 300, height: 200 }));
    const [result] = await develop([path], { preset: 'WhiteLayer_v4', output: { format, long_edge: 150 } });
    expect(result).toMatchObject({ status: 'processed', output: { width: 150, height: 100, format } });
    const { info } = await sharp(result?.output?.path).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([150, 100]);
  });

  it('in the source’s colours keeps its profile, by default it is sRGB', async () => {
    const path = join(folder, 'wide.jpg');
    await writeFile(path, await makeImage({ width: 120, height: 90, icc: 'p3' }));
    const kept = await developOne(path, { output: { colour: 'keep' } });
    const plain = await developOne(path, {});
    const profileOf = async (file: string) => (await sharp(file).metadata()).icc;
    expect(await profileOf(kept)).toEqual(await profileOf(path));
    const profile = (await profileOf(plain)) ?? Buffer.from('sRGB');
    expect(profile.toString('latin1').replaceAll('\0', '')).toContain('sRGB');
  });

  it.skipIf(photos === null)('of a real photo keeps its EXIF, its day and its place', async () => {
    const paths = ['plain/nikon-d90.jpg', 'plain/apple-iphone-4s.jpg', 'odd/real/gps.jpg'].map((name) =>
      join(photos ?? '', name),
    );
    const results = await develop(paths, { preset: 'WhiteLayer_v4', blend: 60, output: { long_edge: 800 } });
    const outputs = results.map(({ output }) => output?.path ?? '');
    const tags = await readTags(...paths, ...outputs);
    for (const [index, path] of paths.entries()) {
      const before = tags.get(path) ?? {};
      const after = tags.get(outputs[index] ?? '') ?? {};
      const kept = Object.keys(before).filter((key) =>
        /^(IFD0:(Make|Model)|ExifIFD:(DateTimeOriginal|ExposureTime|FNumber|ISO|FocalLength)|GPS:.*)$/.test(
          key,
        ),
      );
      expect(kept.length).toBeGreaterThan(0);
      for (const key of kept) expect([path, key, after[key]]).toEqual([path, key, before[key]]);
      expect(after['IFD0:Orientation'] ?? 1).toBe(1);
    }
  });
});
