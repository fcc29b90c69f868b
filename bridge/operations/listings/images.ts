/** Finds the image of a row inside the images folder, and nowhere else. Opens no image. */
import { realpath, stat } from 'node:fs/promises';
import { basename, extname, join, sep } from 'node:path';
import type { ListingImage } from './poster.ts';

const types: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
};

/** `name`: a file in the folder or in one below, with `/`. Null when it is no such file, or a link that leads outside. */
export async function findImage(imagesDir: string, name: string): Promise<ListingImage | null> {
  const steps = name.split('/');
  const isPlain = steps.every(
    (step) => step !== '' && step !== '.' && step !== '..' && !/[\\:\0]/.test(step),
  );
  if (!isPlain) return null;
  try {
    const root = await realpath(imagesDir);
    const path = await realpath(join(root, ...steps));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
    if (!(await stat(path)).isFile()) return null;
    const type = types[extname(name).toLowerCase()] ?? 'application/octet-stream';
    return { filename: basename(name), path, type };
  } catch {
    return null;
  }
}
