/** How much memory one photo in flight holds, by its pixels: the render threads' share of what the host may use. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeImage } from '../../helpers/images.ts';
import type { Held } from './memory-watch.ts';

const watch = fileURLToPath(new URL('./memory-watch.ts', import.meta.url));
const SIZE = { width: 2400, height: 2000 };
const PIXELS = SIZE.width * SIZE.height;
/** The decoder's and the encoder's own, metadata, compiled code: what does not grow with the photo. */
const REST = 8e6;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function measure(path: string): Promise<Held> {
  // With glibc every block of a megabyte is mapped alone: what is given back leaves the process at once.
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: String(2 ** 20) };
  const { stdout } = await promisify(execFile)(process.execPath, [watch, path, folder], { env });
  return JSON.parse(stdout) as Held;
}

describe.runIf(process.platform === 'linux')('memory of a photo in flight', () => {
  it('is 3 bytes a pixel and its two files at most, and given back without the collector', async () => {
    const path = join(folder, 'source.jpg');
    await writeFile(path, await makeImage(SIZE));
    const { atKernel, atWrite, after, source, encoded } = await measure(path);
    expect(atKernel).toBeLessThan(source + 3 * PIXELS + REST);
    expect(atWrite).toBeLessThan(source + encoded + 3 * PIXELS + REST);
    expect(after).toBeLessThan(REST);
  });
});
