/** The three photos of the looks page as screen-sized proxies: faces, a landscape and a sky. Painted ones stand in where they are missing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { paintScene } from '../../../../workers/demo/paint-scene.ts';
import { scenes as painted } from '../../../../workers/demo/scenes.ts';
import type { PhotoProxy } from '../../../../workers/pipeline/photo-proxy.ts';
import { proof } from '../../../../workers/pipeline/proof.ts';
import { proofTask } from '../../../helpers/tasks.ts';

export const LONG_EDGE = 640;

export type Photo = { name: string; path: string; proxy: PhotoProxy; before: Uint8Array };

const files = {
  faces: 'canon-ixus-750.jpg',
  landscape: 'oppo-r7-plus.jpg',
  sky: 'canon-powershot-g11.jpg',
};

/** `folder` null: painted scenes, written to `into` first. */
export async function loadPhotos(folder: string | null, into: string): Promise<Photo[]> {
  const photos: Photo[] = [];
  for (const [index, [name, file]] of Object.entries(files).entries()) {
    const path = folder === null ? await paint(index, into) : join(folder, file);
    photos.push(await loadPhoto(name, path));
  }
  return photos;
}

async function paint(index: number, into: string): Promise<string> {
  const scene = painted[index * 2];
  if (scene === undefined) throw new Error('there are too few painted scenes');
  const size = { width: 1200, height: 800 };
  const path = join(into, `${scene.name}.jpg`);
  const raw = { ...size, channels: 3 } as const;
  await sharp(paintScene(scene, size), { raw }).jpeg({ quality: 95 }).toFile(path);
  return path;
}

async function loadPhoto(name: string, path: string): Promise<Photo> {
  const { length } = await readFile(path);
  const proxies: PhotoProxy[] = [];
  const task = proofTask(path, {
    long_edge: LONG_EDGE,
    quality: 92,
    blend: 0,
    source: { path, state: String(length) },
  });
  const onProxy = (proxy: PhotoProxy) => void proxies.push(proxy);
  const outcome = await proof(task, { look: null, onSize: () => undefined, onProxy });
  const proxy = proxies[0];
  if (!outcome.ok || proxy === undefined) throw new Error(`${path}: ${JSON.stringify(outcome)}`);
  return { name, path, proxy, before: outcome.jpeg };
}
