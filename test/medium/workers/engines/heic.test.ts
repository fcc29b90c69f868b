/** HEIC photos: the very pixels of the reference decoder, upright, in their own colours, with their metadata; damage is told. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../../../workers/engines/programs/find-program.ts';
import { develop } from '../../../../workers/pipeline/develop.ts';
import { openSource } from '../../../../workers/pipeline/open-source.ts';
import { proof } from '../../../../workers/pipeline/proof.ts';
import { encode, makeImage, makePixels } from '../../../helpers/images.ts';
import { sharedFolder } from '../../../helpers/shared-files.ts';
import { developTask, proofTask } from '../../../helpers/tasks.ts';
import { readTags } from '../metadata/exiftool.ts';

const photos = sharedFolder('photos');
const iphone = photos === null ? '' : join(photos, 'odd/icc/displayp3_iphone.heic');
const samsung = photos === null ? '' : join(photos, 'odd/modern/motionphoto_samsung.heic');
const folder = mkdtempSync(join(tmpdir(), 'pb-heic-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const call = promisify(execFile);
let item = 0;

async function open(path: string, longEdge: number | null = null, max_pixels = 200e6) {
  const sizes: number[] = [];
  const picture = await openSource({
    bytes: readFileSync(path),
    limits: { max_pixels },
    longEdge,
    rawEngine: 'auto',
    slots: new Int32Array(1),
    onSize: (megapixels) => void sizes.push(megapixels),
  });
  return { ...picture, sizes };
}

async function run(path: string, output: Parameters<typeof developTask>[0]['output'] = {}) {
  const task = developTask({ path, folder, item: ++item, output });
  return develop(task, { look: null, onSize: () => undefined, mayWrite: () => true });
}

const pixelsOf = (image: Sharp) => image.removeAlpha().toColourspace('srgb').raw().toBuffer();

function psnr(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at]! - b[at]!) ** 2;
  return sum === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(255 ** 2 / (sum / a.length));
}

describe.skipIf(photos === null)('a HEIC photo', () => {
  it('keeps its EXIF, GPS and time, and says it is upright', async () => {
    const outcome = await run(iphone, { long_edge: 400 });
    expect(outcome).toMatchObject({ ok: true, engine: 'libheif 1.23.2', warnings: [] });
    const path = outcome.ok ? outcome.output!.path : '';
    const tags = (await readTags(path)).get(path)!;
    expect(tags).toMatchObject({
      'IFD0:Make': 'Apple',
      'IFD0:Model': 'iPhone 7',
      'IFD0:Orientation': 1,
      'ExifIFD:DateTimeOriginal': '2019:03:21 11:04:22',
      'ExifIFD:LensModel': 'iPhone 7 back camera 3.99mm f/1.8',
      'ExifIFD:ExifImageWidth': 400,
    });
    expect(Number(tags['GPS:GPSLatitude'])).toBeCloseTo(41.22, 1);
  });

  it('is converted from its own profile, and keeps that when asked to', async () => {
    const srgb = await run(iphone, { format: 'png', long_edge: 200 });
    const kept = await run(iphone, { format: 'png', long_edge: 200, colour: 'keep' });
    const file = (outcome: typeof srgb) => readFileSync(outcome.ok ? outcome.output!.path : '');
    const icc = async (bytes: Buffer) => (await sharp(bytes).metadata()).icc?.toString('latin1') ?? '';
    expect(await icc(file(srgb))).toContain('sRGB'.split('').join('\0'));
    expect(await icc(file(kept))).toContain('Display P3');
    // The same colours in other numbers.
    const own = (bytes: Buffer) => pixelsOf(sharp(bytes, { ignoreIcc: true }));
    expect(psnr(await own(file(srgb)), await own(file(kept)))).toBeLessThan(45);
    expect(psnr(await own(file(srgb)), await pixelsOf(sharp(file(kept))))).toBeGreaterThan(38);
  });

  it('tells its size before it is decoded, and is refused by it', async () => {
    expect((await open(iphone)).sizes).toEqual([(4032 * 3024) / 1e6]);
    await expect(open(iphone, null, 12e6)).rejects.toMatchObject({ failure: { code: 'source_too_large' } });
  });

  it('gives its embedded small picture for a thumbnail', async () => {
    const small = await open(samsung, 256);
    expect(small.header.width).toBeLessThan(1000);
    expect(small.header.width / small.header.height).toBeCloseTo(0.75, 1);
    const answer = await proof(proofTask(samsung, { long_edge: 256 }), {
      look: null,
      onSize: () => undefined,
    });
    expect(answer).toMatchObject({ ok: true, width: 192, height: 256 });
    expect((await open(samsung, 2000)).header).toMatchObject({ width: 3000, height: 4000 });
  });

  it('is damaged when it is cut short', async () => {
    const file = readFileSync(iphone);
    for (const share of [0.001, 0.3, 0.9]) {
      const path = join(folder, 'cut.heic');
      writeFileSync(path, file.subarray(0, Math.floor(file.length * share)));
      expect(await run(path), `${share}`).toMatchObject({ ok: false, failure: { code: 'damaged_image' } });
    }
  });

  it('never takes the host along, whatever its directory says', async () => {
    const file = readFileSync(samsung);
    const codes = new Set<string>();
    for (let seed = 1; seed <= 5; seed++) {
      const bytes = Buffer.from(file);
      for (let n = 0; n < 12; n++)
        bytes[40 + ((seed * 2654435761 + n * 40503) % 4000)] = (seed * 31 + n * 17) & 255;
      const path = join(folder, 'changed.heic');
      writeFileSync(path, bytes);
      const outcome = await run(path, { long_edge: 64 });
      codes.add(outcome.ok ? 'ok' : outcome.failure.code);
    }
    const known = [
      'ok',
      'damaged_image',
      'unsupported_format',
      'source_too_large',
      'decoder_crash',
      'out_of_memory',
    ];
    for (const code of codes) expect(known).toContain(code);
  });
});

const converter = findProgram('heif-convert');
const encoder = findProgram('heif-enc');
if (converter === null) console.log('skipped: heif-convert is not installed');

describe.skipIf(photos === null || converter === null)('against heif-convert', () => {
  it.each([iphone, samsung])('%s has the same pixels, the same way up', async (path) => {
    const reference = join(folder, 'reference.png');
    await call(converter!, [path, reference]);
    const { bytes } = await open(path);
    const options = { ignoreIcc: true, limitInputPixels: false } as const;
    const own = await pixelsOf(sharp(bytes, options));
    // The reference decoder of another age may place chroma otherwise.
    expect(psnr(own, await pixelsOf(sharp(readFileSync(reference), options)))).toBeGreaterThan(45);
  });
});

if (encoder === null) console.log('skipped: heif-enc is not installed');

describe.skipIf(encoder === null)('a HEIC photo made by heif-enc', () => {
  async function make(name: string, png: Buffer, args: readonly string[] = []) {
    const source = join(folder, `${name}.png`);
    const path = join(folder, `${name}.heic`);
    writeFileSync(source, png);
    await call(encoder!, ['-q', '95', ...args, source, '-o', path]);
    return path;
  }

  it('of 10 bits is worked on in 16', async () => {
    const png = await encode(makePixels({ width: 320, height: 240, depth: 16 }), { format: 'png' });
    const picture = await open(await make('deep', png, ['-b', '10']));
    expect(picture.header).toMatchObject({ depth: 16, width: 320, height: 240, hasAlpha: false });
    const { max } = (await sharp(picture.bytes).toColourspace('rgb16').stats()).channels[0]!;
    expect(max).toBeGreaterThan(60_000);
    expect(psnr(await pixelsOf(sharp(picture.bytes)), await pixelsOf(sharp(png)))).toBeGreaterThan(30);
  });

  it('with alpha keeps it where the output can', async () => {
    const png = await makeImage({ width: 320, height: 240, channels: 4, format: 'png' });
    const path = await make('clear', png);
    const outcome = await run(path, { format: 'png' });
    const { channels } = await sharp(readFileSync(outcome.ok ? outcome.output!.path : '')).stats();
    expect(channels).toHaveLength(4);
    expect(channels[3]!.min).toBeLessThan(5);
    expect(channels[3]!.max).toBe(255);
  });

  it('of several pictures gives the primary one and says so', async () => {
    const [one, two] = [join(folder, 'one.png'), join(folder, 'two.png')];
    writeFileSync(one, await makeImage({ width: 128, height: 96, format: 'png' }));
    writeFileSync(two, await makeImage({ width: 64, height: 64, seed: 2, format: 'png' }));
    const path = join(folder, 'several.heic');
    await call(encoder!, [one, two, '-o', path]);
    const outcome = await run(path);
    expect(outcome).toMatchObject({ ok: true, output: { width: 128, height: 96 } });
    expect(outcome.ok && outcome.warnings.join()).toMatch(/primary one of 2 pictures/);
  });
});
