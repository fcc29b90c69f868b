import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { paintScene } from '../../../workers/demo/paint-scene.ts';
import { scenes } from '../../../workers/demo/scenes.ts';

const execute = promisify(execFile);
const script = (name: string) => fileURLToPath(new URL(`../../../workers/demo/${name}`, import.meta.url));

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'photo-bridge-pictures-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function makePictures(folder: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await execute(process.execPath, [script('make-pictures.ts'), folder, ...args]);
  return stdout.trim().split('\n');
}

async function makeSheet(out: string, pairs: { before: string; after: string }[]): Promise<void> {
  const running = execute(process.execPath, [script('contact-sheet.ts'), out]);
  running.child.stdin?.end(JSON.stringify(pairs));
  await running;
}

describe('demo pictures', () => {
  it('are JPEG files of the size asked for, each with another scene', async () => {
    const paths = await makePictures(await createFolder(), '3', '96', '64');
    expect(new Set(paths.map((path) => basename(path))).size).toBe(3);
    for (const path of paths) {
      expect(await sharp(path).metadata()).toMatchObject({ format: 'jpeg', width: 96, height: 64 });
    }
  });

  it('have the light and the grain of photos, not flat colours', () => {
    for (const scene of scenes) {
      const pixels = paintScene(scene, { width: 96, height: 64 });
      expect(new Set(pixels).size).toBeGreaterThan(40);
    }
  });

  it('are the same every time', () => {
    const [scene] = scenes;
    const paint = () => Buffer.from(paintScene(scene!, { width: 48, height: 32 }));
    expect(paint().equals(paint())).toBe(true);
  });
});

describe('contact sheet', () => {
  it('shows every pair', async () => {
    const folder = await createFolder();
    const [a, b, c] = (await makePictures(folder, '3', '96', '64')) as [string, string, string];
    const out = join(folder, 'sheet.jpg');
    await makeSheet(out, [
      { before: a, after: b },
      { before: b, after: c },
      { before: c, after: a },
    ]);
    const { width, height } = await sharp(out).metadata();
    expect(width).toBe(1264);
    expect(height).toBe(448);
  });

  it('fails and names a file that is not whole', async () => {
    const folder = await createFolder();
    const [path] = (await makePictures(folder, '1', '960', '640')) as [string];
    const bytes = await readFile(path);
    const half = join(folder, 'half.jpg');
    await writeFile(half, bytes.subarray(0, bytes.length / 2));
    await expect(makeSheet(join(folder, 'sheet.jpg'), [{ before: path, after: half }])).rejects.toThrow(half);
  });
});
