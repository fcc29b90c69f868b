import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildModule, modulePath } from '../../../../workers/kernel/build.ts';

it.each(['kernel', 'spatial'] as const)(
  'has a committed %s module that is what its source compiles to',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'kernel-build-'));
    const built = join(folder, 'built.wasm');
    await buildModule(name, built);
    const committed = await readFile(modulePath(name));
    expect((await readFile(built)).equals(committed), 'run npm run build:kernel').toBe(true);
    await rm(folder, { recursive: true });
  },
);
