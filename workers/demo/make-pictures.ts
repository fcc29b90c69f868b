/** Script: `make-pictures.ts FOLDER COUNT [WIDTH HEIGHT]` writes photo-like JPEG files and prints their paths, one a line. */
import { join } from 'node:path';
import sharp from 'sharp';
import { paintScene, type Size } from './paint-scene.ts';
import { type Scene, scenes } from './scenes.ts';

const [folder, count = '12', width = '3000', height = '2000'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder to write to');

// Painting is done here, encoding beside it: one picture is encoded while the next is painted.
const writing: Promise<string>[] = [];
for (let index = 0; index < Number(count); index += 1) {
  const scene = scenes[index % scenes.length];
  if (scene === undefined) break;
  const variant = { ...scene, seed: scene.seed + 1000 * Math.floor(index / scenes.length) };
  writing.push(
    savePicture(variant, { width: Number(width), height: Number(height) }, toPath(folder, index, scene)),
  );
  await writing.at(-2);
}
for (const path of await Promise.all(writing)) process.stdout.write(`${path}\n`);

function toPath(directory: string, index: number, scene: Scene): string {
  return join(directory, `${String(index + 1).padStart(2, '0')}-${scene.name}.jpg`);
}

async function savePicture(scene: Scene, size: Size, path: string): Promise<string> {
  const pixels = paintScene(scene, size);
  await sharp(pixels, { raw: { ...size, channels: 3 } })
    .withExif({ IFD0: { Make: 'Photo Bridge', Model: 'Demo camera', ImageDescription: scene.name } })
    .jpeg({ quality: 92, optimiseCoding: false })
    .toFile(path);
  return path;
}
