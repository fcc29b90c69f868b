import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNames, sortPaced } from '../../../bridge/photos/name-order.ts';
import { pacedMap } from '../../../bridge/photos/paced-map.ts';
import { hasImageExtension } from '../../../bridge/photos/signature.ts';

const name = fc.stringMatching(/^[aAbB0-9_]{0,8}$/);

describe('name order', () => {
  it('is the one a person expects', () => {
    const sorted = ['img_1', 'IMG_2', 'img_2', 'img_10', 'img_10a', 'img_010b', 'x'];
    expect([...sorted].reverse().sort(compareNames)).toEqual(sorted);
  });

  it('is a total order in which only equal names are equal', () => {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) + 0);
        expect(compareNames(a, b) === 0).toBe(a === b);
        if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) {
          expect(compareNames(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('comes out the same sorted in pieces as sorted whole', async () => {
    const names = Array.from({ length: 5_003 }, (_, index) => `IMG_${(index * 7919) % 5_003}`);
    expect(await sortPaced(names, compareNames)).toEqual([...names].sort(compareNames));
    expect(await sortPaced([], compareNames)).toEqual([]);
  });
});

describe('many small steps', () => {
  it('keep their order and never run more at once than allowed', async () => {
    let running = 0;
    let most = 0;
    const results = await pacedMap([...Array(200).keys()], 7, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return item * 2;
    });
    expect(most).toBe(7);
    expect(results).toEqual([...Array(200).keys()].map((item) => item * 2));
  });

  it('give other work as many turns from many lanes as from one, though no step ever waits', async () => {
    const turnsWith = async (lanes: number) => {
      let turns = 0;
      let running = true;
      const tick = () => {
        turns += 1;
        if (running) setImmediate(tick);
      };
      setImmediate(tick);
      const start = process.cpuUsage();
      await pacedMap([...Array(200_000).keys()], lanes, async (item) => Math.sqrt(item));
      running = false;
      const { user, system } = process.cpuUsage(start);
      return turns / (user + system);
    };
    await turnsWith(1);
    const alone = await turnsWith(1);
    expect(await turnsWith(64)).toBeGreaterThan(alone / 8);
  });

  it('reject with the first error after all lanes have ended', async () => {
    const done: number[] = [];
    const failing = pacedMap([1, 2, 3], 3, async (item) => {
      if (item === 1) throw new Error('one');
      await new Promise((resolve) => setImmediate(resolve));
      done.push(item);
    });
    await expect(failing).rejects.toThrow('one');
    expect(done).toEqual([2, 3]);
  });
});

describe('image extensions', () => {
  it.each(['a.JPG', 'a.b.jpeg', 'x.nef', 'x.HEIC', 'ü.tif'])('include %s', (file) => {
    expect(hasImageExtension(file)).toBe(true);
  });
  it.each(['a.txt', 'jpg', '.jpg', 'a.jpg.part', 'a.', 'a.pb-1.tmp', 'a.mp4'])(
    'do not include %s',
    (file) => {
      expect(hasImageExtension(file)).toBe(false);
    },
  );
});
