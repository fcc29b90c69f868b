/** The photos of the speed benchmarks: a made up one of 24 megapixels and the largest sample photos beside the checkout. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { encode, makePixels } from '../helpers/images.ts';

export type BenchPhoto = { path: string; megapixels: number; megabytes: number };

const samples = fileURLToPath(new URL('../../../shared/photos/plain', import.meta.url));
const SAMPLES = 2;

/** The named photos, or the made up one (written into `folder`) and the samples. */
export async function benchPhotos(folder: string, named: readonly string[] = []): Promise<BenchPhoto[]> {
  if (named.length > 0) return Promise.all(named.map(describe));
  const made = await describe(await makeLargePhoto(join(folder, 'made-up.jpg')));
  if (!existsSync(samples)) {
    process.stdout.write('no sample photos beside the checkout: only the made up one is measured\n');
    return [made];
  }
  const files = readdirSync(samples).filter((name) => name.endsWith('.jpg'));
  const described = await Promise.all(files.map((name) => describe(join(samples, name))));
  described.sort((a, b) => b.megapixels - a.megapixels);
  return [made, ...described.slice(0, SAMPLES)];
}

/** 24 megapixels with grain enough for some 9 MB at quality 95: what a camera writes. */
export async function makeLargePhoto(path: string): Promise<string> {
  writeFileSync(path, await encode(makePixels({ width: 6000, height: 4000 }), { quality: 95 }));
  return path;
}

async function describe(path: string): Promise<BenchPhoto> {
  const bytes = readFileSync(path);
  const { width, height } = await sharp(bytes).metadata();
  return { path, megapixels: (width * height) / 1e6, megabytes: bytes.length / 1e6 };
}
