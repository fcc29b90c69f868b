import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFreeSpace } from '../../../bridge/store/free-space.ts';

const MB = 1024 * 1024;

/** Folders below `/card` are one volume, all others another. */
function createScene({ totalMb, leastMb = 256 }: { totalMb: number; leastMb?: number }) {
  const scene = { freeMb: totalMb, leastMb, nowMs: 0, looks: 0 };
  const space = createFreeSpace({
    leastBytes: () => scene.leastMb * MB,
    nowMs: () => scene.nowMs,
    readDevice: async (folder) => (folder.startsWith('/card') ? 2 : 1),
    readRoom: async (folder) => {
      scene.looks += 1;
      return folder.startsWith('/card') ? { freeBytes: scene.freeMb * MB, totalBytes: totalMb * MB } : null;
    },
  });
  const at = async (freeMb: number) => {
    scene.freeMb = freeMb;
    scene.nowMs += 1000;
    return space.low('/card/album/out');
  };
  return { scene, space, at };
}

describe('free space', () => {
  it('is low below the setting on a large volume, and enough again from a quarter more on', async () => {
    const { at } = createScene({ totalMb: 1_000_000 });
    expect(await at(257)).toBeNull();
    expect(await at(255)).toEqual({ volume: '/card', freeBytes: 255 * MB, neededBytes: 320 * MB });
    expect(await at(319)).not.toBeNull();
    expect(await at(320)).toBeNull();
    expect(await at(257)).toBeNull();
  });

  it('is low below one percent on a small volume', async () => {
    const { at } = createScene({ totalMb: 1000 });
    expect(await at(11)).toBeNull();
    expect(await at(9)).toMatchObject({ neededBytes: 12.5 * MB });
  });

  it('says the same as long as it is low, with volume, free and needed bytes', async () => {
    const { at, space, scene } = createScene({ totalMb: 1_000_000 });
    const texts = new Set<string | null>();
    for (const freeMb of [200, 150, 100, 319]) {
      await at(freeMb);
      texts.add(await space.lowText('/card/album/out', 'the output folder'));
    }
    expect([...texts]).toEqual([
      `The disk of the output folder is nearly full: volume /card has ${200 * MB} bytes free and needs ${320 * MB}. Free some room on it, or lower the setting resources.min_free_mb`,
    ]);
    scene.leastMb = 100;
    expect(await at(150)).toBeNull();
    expect(await at(1)).not.toBeNull();
    scene.leastMb = 0;
    expect(await at(0)).toBeNull();
  });

  it('looks at a volume once a second, however many ask for however many folders', async () => {
    const { scene, space } = createScene({ totalMb: 1000 });
    const ask = () => Promise.all(Array.from({ length: 50 }, (_, index) => space.low(`/card/${index}`)));
    await ask();
    await ask();
    expect(scene.looks).toBe(1);
    scene.nowMs += 999;
    await ask();
    expect(scene.looks).toBe(1);
    scene.nowMs += 1;
    await ask();
    expect(scene.looks).toBe(2);
  });

  it('is no matter where the system does not tell, or the folder is away', async () => {
    const { space } = createScene({ totalMb: 1000 });
    expect(await space.low('/share')).toBeNull();
    const root = await mkdtemp(join(tmpdir(), 'photo-bridge-space-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const real = createFreeSpace({ leastBytes: () => Number.MAX_SAFE_INTEGER });
    expect(await real.low(join(root, 'away'))).toBeNull();
    await mkdir(join(root, 'away'));
    await real.low(join(root, 'away'));
  });
});
