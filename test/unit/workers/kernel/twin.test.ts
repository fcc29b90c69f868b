import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKernel } from '../../../../workers/kernel/kernel.ts';
import { createPlainKernel } from '../../../../workers/kernel/plain-kernel.ts';
import { randomPixels, strongLook, wildLook } from './looks.ts';

const job = fc.record({
  size: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 2, max: 34 }) }, fc.constantFrom(65, 90, 91, 129)),
  reach: fc.constantFrom(0.5, 1, 1.5, 4, 15, 40),
  curved: fc.boolean(),
  blend: fc.oneof(fc.constant(100), fc.double({ min: 0.01, max: 100, noNaN: true })),
  channels: fc.constantFrom<3 | 4>(3, 4),
  depth: fc.constantFrom<8 | 16>(8, 16),
  count: fc.integer({ min: 0, max: 400 }),
  seed: fc.integer(),
});

it('agrees with the plain twin bit by bit, whatever the look, the blend, the channels and the depth', () => {
  fc.assert(
    fc.property(job, ({ size, reach, curved, blend, channels, depth, count, seed }) => {
      const look = wildLook(size, reach, curved, seed);
      const fast = randomPixels(depth, count * channels, seed);
      const plain = fast.slice();
      createKernel(look, blend).apply(fast, channels);
      createPlainKernel(look, blend).apply(plain, channels);
      expect(fast).toEqual(plain);
    }),
    { numRuns: 100 },
  );
});

it.each([8, 16] as const)('agrees with the plain twin for every length from 0 to 100 at %i bits', (depth) => {
  const look = strongLook(9);
  const [fastKernel, plainKernel] = [createKernel(look, 70), createPlainKernel(look, 70)];
  for (const channels of [3, 4] as const) {
    for (let length = 0; length <= 100; length++) {
      const fast = randomPixels(depth, length, length);
      const plain = fast.slice();
      fastKernel.apply(fast, channels);
      plainKernel.apply(plain, channels);
      expect(fast).toEqual(plain);
    }
  }
});

it.each([8, 16] as const)('agrees with the plain twin over several strips at %i bits', (depth) => {
  for (const channels of [3, 4] as const) {
    for (const look of [strongLook(17), wildLook(17, 1, true, 3)]) {
      const fast = randomPixels(depth, 40_001 * channels, 5);
      const plain = fast.slice();
      createKernel(look, 100).apply(fast, channels);
      createPlainKernel(look, 100).apply(plain, channels);
      expect(Buffer.compare(Buffer.from(fast.buffer), Buffer.from(plain.buffer))).toBe(0);
    }
  }
});
