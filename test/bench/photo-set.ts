/** Many different photos of camera size for the benchmarks that run whole batches: cut from one made up picture, plus samples. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makePixels } from '../helpers/images.ts';

const samples = fileURLToPath(new URL('../../../shared/photos/plain', import.meta.url));
const QUALITY = 93;

export type PhotoSetOptions = {
  folder: string;
  /** Width and height of each, at most those of the first. */
  sizes: readonly (readonly [width: number, height: number])[];
  /** This many photos of the sample folder, where it is there. */
  samples: number;
};

export const SIZE_24 = [6000, 4000] as const;
export const SIZE_16 = [4928, 3264] as const;
export const SIZE_12 = [4256, 2832] as const;

/** Paths of the photos in `folder`. */
export async function makePhotoSet(options: PhotoSetOptions): Promise<string[]> {
  const { folder, sizes } = options;
  mkdirSync(folder, { recursive: true });
  const [[width, height] = SIZE_24] = sizes;
  const { data } = makePixels({ width, height });
  const paths: string[] = [];
  for (const [index, [cutWidth, cutHeight]] of sizes.entries()) {
    const path = join(folder, `made-up-${index + 1}.jpg`);
    const [left, top] = [(width - cutWidth) >> 1, (height - cutHeight) >> 1];
    await sharp(data, { raw: { width, height, channels: 3 } })
      .extract({ left, top, width: cutWidth, height: cutHeight })
      .jpeg({ quality: QUALITY })
      .toFile(path);
    paths.push(path);
  }
  if (!existsSync(samples)) return paths;
  const names = readdirSync(samples).filter((name) => name.endsWith('.jpg'));
  for (const name of names.slice(0, options.samples)) {
    const path = join(folder, name);
    copyFileSync(join(samples, name), path);
    paths.push(path);
  }
  return paths;
}
