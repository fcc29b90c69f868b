import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildKernel } from '../../../../workers/kernel/build.ts';

it('has a committed module that is what its source compiles to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kernel-build-'));
  const built = join(folder, 'kernel.wasm');
  await buildKernel(built);
  const committed = await readFile(new URL('../../../../workers/kernel/kernel.wasm', import.meta.url));
  expect((await readFile(built)).equals(committed), 'run npm run build:kernel').toBe(true);
  await rm(folder, { recursive: true });
});
