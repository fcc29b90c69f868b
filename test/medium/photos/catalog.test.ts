import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTempLibrary, type TempLibrary } from './temp-library.ts';

let library: TempLibrary;
beforeEach(async () => {
  library = await openTempLibrary();
});
afterEach(() => library.remove());

const file = (name: number | string) => ({
  path: `/made/up/${name}.jpg`,
  identity: { dev: 1, ino: 1, born: 0, size: 1, modified: 1 },
});

describe('photo ids', () => {
  it('are the same for any sequence of registrations, repeats, moves and restarts', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 }) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
      { weight: 1, arbitrary: fc.record({ move: fc.integer({ min: 1, max: 25 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const fresh = await openTempLibrary();
        const model = new Map<string, number>();
        let highest = 0;
        try {
          for (const [number, action] of steps.entries()) {
            if (action === 'restart') await fresh.reopen();
            else if (Array.isArray(action)) {
              const added = await fresh.catalog.add(action.map(file));
              for (const name of action) {
                const { path } = file(name);
                if (!model.has(path)) model.set(path, ++highest);
              }
              expect(added.map(({ id }) => id)).toEqual(action.map((name) => model.get(file(name).path)));
            } else {
              const { path } = file(action.move);
              const id = model.get(path);
              if (id === undefined) continue;
              expect(await fresh.catalog.move(id, file(`moved-${number}`))).toBe(true);
              model.delete(path);
              model.set(file(`moved-${number}`).path, id);
            }
          }
          for (const [path, id] of model) {
            expect(await fresh.catalog.find(path)).toBe(id);
            expect((await fresh.catalog.record(id))?.path).toBe(path);
          }
          expect(fresh.catalog.count).toBe(highest);
        } finally {
          await fresh.remove();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are given once when the same new photos are registered many times at once', async () => {
    const names = [...Array(300).keys()];
    const answers = await Promise.all(
      [0, 1, 2, 3].map((shift) => library.catalog.add([...names.slice(shift), ...names].map(file))),
    );
    const ids = new Map<string, number>();
    for (const { path, id } of answers.flat()) {
      expect(ids.get(path) ?? id).toBe(id);
      ids.set(path, id);
    }
    expect([...ids.values()].sort((a, b) => a - b)).toEqual(names.map((name) => name + 1));
    expect(answers.flat().filter(({ isNew }) => isNew)).toHaveLength(300);
  });

  it('are not lost, and not given out, when the log refuses', async () => {
    await library.catalog.add([file(1)]);
    await library.catalog.close();
    await expect(library.catalog.add([file(2)])).rejects.toThrow();
    expect(library.catalog.count).toBe(1);
    expect(library.catalog.has(2)).toBe(false);
    await library.reopen();
    expect((await library.catalog.add([file(3)])).map(({ id }) => id)).toEqual([2]);
  });

  it('never make two photos of one place', async () => {
    await library.catalog.add([file(1), file(2)]);
    expect(await library.catalog.move(1, file(2))).toBe(false);
    expect(await library.catalog.move(99, file(3))).toBe(false);
    expect((await library.catalog.record(1))?.path).toBe(file(1).path);
  });
});

describe('the memory of the catalog', () => {
  it('is below 60 bytes a photo, the JavaScript heap included', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const addRange = async (from: number, to: number) => {
      for (let at = from; at < to; at += 5000) {
        await library.catalog.add(Array.from({ length: 5000 }, (_, index) => file(at + index)));
      }
    };
    await addRange(0, 10_000);
    const before = used();
    await addRange(10_000, 110_000);
    const perPhoto = (used() - before) / 100_000;
    console.log(`catalog: ${perPhoto.toFixed(1)} bytes a photo`);
    expect(perPhoto).toBeLessThan(60);
    expect(library.catalog.bytes / library.catalog.count).toBeLessThan(31);
    expect((await library.catalog.record(77_777))?.path).toBe(file(77_776).path);
  });
});
