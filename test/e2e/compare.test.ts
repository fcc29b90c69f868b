/** `photo-bridge compare` against a real daemon. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { runHere } from '../helpers/cli.ts';
import { spawnDaemon } from '../helpers/daemon.ts';
import { createFolder, makePhotos } from './support.ts';

it('compare puts one photo at five blends of a table side by side', async () => {
  const folder = await createFolder();
  const dataDir = join(folder, 'data');
  await mkdir(join(dataDir, 'presets'), { recursive: true });
  // Everything to black: the last picture tells that the table ran, the one before it that the blend did.
  const table = ['LUT_3D_SIZE 2', ...Array.from({ length: 8 }, () => '0 0 0')].join('\n');
  await writeFile(join(dataDir, 'presets', 'night.cube'), table);
  const [photo = ''] = await makePhotos(folder, 1, { width: 640, height: 400 });
  const { url } = await spawnDaemon({ dataDir });
  const args = ['compare', photo, '--preset', 'night', '--width', '100', '-o', 'strip.jpg'];
  const { code, stdout, stderr } = await runHere(args, { url, cwd: folder });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('blends 0, 25, 50, 75, 100');
  const strip = await readFile(join(folder, 'strip.jpg'));
  const { width = 0, height = 0 } = await sharp(strip).metadata();
  expect([width, height]).toEqual([5 * 104 - 4, 63]);
  const levels: number[] = [];
  for (let index = 0; index < 5; index += 1) {
    const tile = await sharp(strip)
      .extract({ left: index * 104, top: 0, width: 100, height })
      .toBuffer();
    const { channels } = await sharp(tile).stats();
    levels.push(channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length);
  }
  const [full = 0] = levels;
  for (const [index, level] of levels.entries())
    expect(Math.abs(level - full * (1 - index / 4))).toBeLessThan(2);
}, 60_000);

it('compare without a preset, or with a file that cannot be sent, says what to do', async () => {
  const missing = await runHere(['compare', '1'], { url: 'http://127.0.0.1:1' });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('--preset NAME') });
});
