/** Lookup tables as other programs read them: ffmpeg's tetrahedral `lut3d` and ImageMagick's `-hald-clut`, on real photos. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { LutRecipe } from '../../../bridge/contract/recipe.ts';
import { evaluateLut } from '../../../bridge/presets/lut/lut-table.ts';
import { parseCube } from '../../../bridge/presets/lut/parse-cube.ts';
import { compileRecipe } from '../../../workers/host/compile-recipe.ts';
import { applyLook } from '../../../workers/pipeline/apply-look.ts';
import { sharedFolder } from '../../helpers/shared-files.ts';

const presets = sharedFolder('presets');
const photos = sharedFolder('photos');
const folder = mkdtempSync(join(tmpdir(), 'pb-luts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = ['nikon-d90.jpg', 'leica-t-typ-701.jpg', 'canon-eos-5d.jpg'];
const tables = [
  'own-warm33.cube',
  'iridas-3d-4-colour-correct.cube',
  'degenerate-three-dimensional-table.cube',
];
const level = 8;

function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    if (process.env.CI) throw new Error(`${program} is missing`);
    console.log(`skipped: no ${program} here`);
    return false;
  }
}
const magick = ['/usr/bin/convert', '/usr/bin/convert-im6.q16'].find(has) ?? null;
const canRun = presets !== null && photos !== null && has('ffmpeg') && magick !== null;

type Raw = { data: Buffer; width: number; height: number };
const readRaw = async (file: string): Promise<Raw> => {
  const { data, info } = await sharp(readFileSync(file))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

async function developed(photo: string, recipe: LutRecipe): Promise<Buffer> {
  const { data, width, height } = await readRaw(photo);
  const look = await compileRecipe(recipe);
  applyLook({ data, width, height, channels: 3 }, look, { blend: 100, scale: 1, seed: 0 });
  return data;
}

function toRecipe(file: string, format: LutRecipe['format']): LutRecipe {
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { kind: 'lut', name: file, format, sha256, file };
}

/** Decibels, and the largest difference in levels. */
function distance(a: Buffer, b: Buffer): { psnr: number; worst: number } {
  expect(a.length).toBe(b.length);
  let squares = 0;
  let worst = 0;
  for (let at = 0; at < a.length; at += 1) {
    const difference = Math.abs((a[at] ?? 0) - (b[at] ?? 0));
    squares += difference * difference;
    worst = Math.max(worst, difference);
  }
  return { psnr: 10 * Math.log10((255 * 255 * a.length) / Math.max(squares, 1)), worst };
}

async function smallPhoto(name: string): Promise<string> {
  const path = join(folder, `${name}.png`);
  await sharp(readFileSync(join(photos ?? '', 'plain', name)))
    .rotate()
    .resize(900)
    .removeAlpha()
    .png({ compressionLevel: 1 })
    .toFile(path);
  return path;
}

/** The table as a 16-bit HaldCLUT: its value at each node of the identity. */
async function toHald(cube: string): Promise<string> {
  const table = await parseCube(readFileSync(cube, 'utf8'));
  const size = level ** 2;
  const data = new Uint16Array(3 * size ** 3);
  for (let node = 0; node < size ** 3; node += 1) {
    const at = [node % size, Math.floor(node / size) % size, Math.floor(node / size ** 2)].map(
      (index) => index / (size - 1),
    );
    const rgb = evaluateLut(table, [at[0] ?? 0, at[1] ?? 0, at[2] ?? 0]);
    for (const [channel, value] of rgb.entries())
      data[3 * node + channel] = Math.round(65_535 * Math.min(1, Math.max(0, value)));
  }
  const path = join(folder, 'hald.png');
  const edge = level ** 3;
  await sharp(data, { raw: { width: edge, height: edge, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toFile(path);
  return path;
}

describe.skipIf(!canRun)('the same table in other programs', () => {
  it.each(names.flatMap((name) => tables.map((table) => [name, table] as const)))(
    'gives the same picture of %s with %s',
    async (name, table) => {
      const photo = await smallPhoto(name);
      const cube = join(presets ?? '', 'cube', table);
      const out = join(folder, 'ffmpeg.png');
      const filter = `lut3d=file=${cube}:interp=tetrahedral`;
      execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', photo, '-vf', filter, '-pix_fmt', 'rgb24', out]);
      const ours = await developed(photo, toRecipe(cube, 'cube'));
      const ffmpeg = distance(ours, (await readRaw(out)).data);
      expect(ffmpeg.psnr).toBeGreaterThanOrEqual(50);
      expect(ffmpeg.worst).toBeLessThanOrEqual(2);

      const hald = await toHald(cube);
      const other = join(folder, 'magick.png');
      execFileSync(magick ?? '', [photo, hald, '-hald-clut', '-depth', '8', other]);
      const imagemagick = distance(
        await developed(photo, toRecipe(hald, 'hald')),
        (await readRaw(other)).data,
      );
      // Trilinear: where a table bends along the diagonal of its cells it cuts the corner, on plain grey too.
      const isBent = table.startsWith('iridas');
      expect(imagemagick.psnr).toBeGreaterThanOrEqual(isBent ? 45 : 50);
      expect(imagemagick.worst).toBeLessThanOrEqual(isBent ? 3 : 2);
      console.log(
        `${name}, ${table}: ffmpeg ${ffmpeg.psnr.toFixed(1)} dB, worst ${ffmpeg.worst}; ImageMagick ${imagemagick.psnr.toFixed(1)} dB, worst ${imagemagick.worst}`,
      );
    },
    60_000,
  );
});
