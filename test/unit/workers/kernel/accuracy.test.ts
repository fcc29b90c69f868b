import { describe, expect, it } from 'vitest';
import { evaluateLook } from '../../../../bridge/presets/evaluate-look.ts';
import type { Look } from '../../../../bridge/presets/look.ts';
import { createKernel } from '../../../../workers/kernel/kernel.ts';
import { identityLook, lookOf, powerCurves, randomPixels, strongLook } from './looks.ts';

const PIXELS = 8_000;

/** How far the kernel is from the float64 reading of the Look: in levels, before and after that is rounded. */
function errorsOf(look: Look, blend: number, depth: 8 | 16) {
  const white = 2 ** depth - 1;
  const source = randomPixels(depth, PIXELS * 3, 11);
  source.set([0, 0, 0, white, white, white, white, 0, 0, 0, white, white, 1, white, white - 1]);
  const shown = source.slice();
  createKernel(look, blend).apply(shown, 3);
  let [worst, sum, misrounded] = [0, 0, 0];
  for (let at = 0; at < source.length; at += 3) {
    const [r = 0, g = 0, b = 0] = source.subarray(at, at + 3);
    const exact = evaluateLook(look, [r / white, g / white, b / white], blend / 100);
    for (let c = 0; c < 3; c++) {
      const error = Math.abs((shown[at + c] ?? 0) - (exact[c] ?? 0) * white);
      worst = Math.max(worst, error);
      sum += error;
      if (error > 0.5) misrounded++;
    }
  }
  return { worst, mean: sum / source.length, misrounded: misrounded / source.length };
}

const curves = powerCurves(0.6, 1, 1.7);
const looks: [string, Look][] = [
  ['a strong look on 33 nodes', strongLook(33)],
  ['a strong look on 2 nodes', strongLook(2)],
  ['a strong look on 65 nodes', strongLook(65)],
  ['a strong look on 129 nodes', strongLook(129)],
  ['a strong look behind curves', strongLook(33, curves)],
  ['curves in front of 2 nodes', { ...identityLook(2), curves }],
  ['a look within 0..1', lookOf(17, (r, g, b) => [r * r, Math.sqrt(g), (r + g + b) / 3])],
  ['a negative', lookOf(2, (r, g, b) => [1 - r, 1 - g, 1 - b])],
];

describe.each(looks)('%s', (_, look) => {
  it.each([100, 60, 3])(
    'rounds rightly but within 1/50 of a level from a tie on 8-bit pixels at blend %i',
    (blend) => {
      const { worst, mean, misrounded } = errorsOf(look, blend, 8);
      expect(worst).toBeLessThan(0.5 + 1 / 50);
      expect(mean).toBeLessThan(0.3);
      expect(misrounded).toBeLessThan(0.006);
    },
  );

  it.each([100, 60, 3])('is within 3/4 of a level of 65535 on 16-bit pixels at blend %i', (blend) => {
    expect(errorsOf(look, blend, 16).worst).toBeLessThan(0.75);
  });
});

it('returns each of the 256 values of each channel as it was from an identity look of any size', () => {
  const every = Uint8Array.from({ length: 768 }, (_, i) => (i * 37 + 11 * (i % 3)) % 256);
  for (const size of [...Array(33).keys(), 38, 63].map((n) => n + 2)) {
    const shown = every.slice();
    createKernel(identityLook(size), 100).apply(shown, 3);
    expect(shown).toEqual(every);
  }
  const largest = every.slice();
  createKernel(identityLook(129), 50).apply(largest, 3);
  expect(largest).toEqual(every);
});

it('returns each of the 65536 values as it was from an identity look', () => {
  const every = Uint16Array.from({ length: 65536 * 3 }, (_, i) => (i * 40503) % 65536);
  for (const size of [2, 3, 10, 32, 33, 64, 65]) {
    const shown = every.slice();
    createKernel(identityLook(size), 100).apply(shown, 3);
    expect(Buffer.compare(Buffer.from(shown.buffer), Buffer.from(every.buffer))).toBe(0);
  }
});

it.each([8, 16] as const)(
  'returns the original bytes at blend 0, and nearly so just above it, at %i bits',
  (depth) => {
    for (const look of [strongLook(33), strongLook(33, curves)]) {
      const source = randomPixels(depth, 3000, 1);
      for (const blend of [0, 1e-5]) {
        const shown = source.slice();
        createKernel(look, blend).apply(shown, 3);
        expect(shown).toEqual(source);
      }
    }
  },
);

it('clips after the interpolation, not at the nodes', () => {
  // Halfway between -1 and 3 lies 1; clipped at the nodes it would be half.
  const shown = Uint16Array.of(32768, 32768, 32768);
  createKernel(
    lookOf(2, (r, g, b) => [4 * r - 1, 4 * g - 1, 4 * b - 1]),
    100,
  ).apply(shown, 3);
  expect([...shown]).toEqual([65535, 65535, 65535]);
  const quarter = Uint8Array.of(64, 85, 127);
  createKernel(
    lookOf(2, (r, g, b) => [4 * r - 1, 4 * g - 1, 4 * b - 1]),
    100,
  ).apply(quarter, 3);
  expect([...quarter]).toEqual([1, 85, 253]);
});
