/** Source photos of the fault campaigns: so small that one costs milliseconds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeImage } from '../helpers/images.ts';

const GOOD = 300;
const EXTRA = 300;

export type SmallPhotos = { good: string[]; bad: string[]; extra: string[]; stranger: string };

/** Pictures small enough that a photo costs milliseconds; each file another one by a comment behind its end. */
export async function makeSmallPhotos(root: string): Promise<SmallPhotos> {
  const folder = join(root, 'photos');
  mkdirSync(folder, { recursive: true });
  const pictures = await Promise.all([1, 2, 3].map((seed) => makeImage({ width: 160, height: 120, seed })));
  const write = (name: string, bytes: Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const many = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const picture = pictures[index % pictures.length] ?? Buffer.alloc(0);
      return write(`${name}-${index}.jpg`, Buffer.concat([picture, Buffer.from(`${name} ${index}`)]));
    });
  const [first] = pictures;
  if (first === undefined) throw new Error('no picture');
  return {
    good: many('good', GOOD),
    extra: many('extra', EXTRA),
    bad: ['bad-1.jpg', 'bad-2.jpg'].map((name) => write(name, first.subarray(0, first.length / 2))),
    stranger: write('stranger.jpg', await makeImage({ width: 64, height: 48, seed: 9 })),
  };
}
