/**
 * Micro benchmark of the look kernel: megapixels per CPU second, rounds of all variants interleaved, medians.
 * `node test/bench/kernel.ts [--quick] [photo]`; without a photo it takes one of the sample photos beside the checkout.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { CURVE_ENTRIES, type Look } from '../../bridge/presets/look.ts';
import { createKernel } from '../../workers/kernel/kernel.ts';
import { createPlainKernel } from '../../workers/kernel/plain-kernel.ts';
import { applyNaively } from './naive-kernel.ts';
import { note, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const PIXELS = isQuick ? 2_000_000 : 4_000_000;
const ROUNDS = isQuick ? 5 : 9;
const SAMPLE = new URL('../../../shared/photos/plain/samsung-sm-g935l-galaxy-s7-edge.jpg', import.meta.url);
const PHOTO = process.argv.slice(2).find((word) => word !== '--quick') ?? fileURLToPath(SAMPLE);

type Pixels = Uint8Array | Uint16Array;
type Run = (pixels: Pixels, channels: 3 | 4) => void;
type Variant = { name: string; pixels: Pixels; copy: Pixels; channels: 3 | 4; run: Run };

/** A strong look: nodes from about -0.25 to 1.35. */
function makeLook(size: number, curves: boolean): Look {
  const lut = new Float32Array(size ** 3 * 3);
  const shade = (a: number, b: number, c: number) =>
    1.3 * a - 0.15 * b - 0.1 * c + 0.1 * Math.sin(5 * b) + 0.03;
  for (let node = 0; node < size ** 3; node++) {
    const [r, g, b] = [node, node / size, node / size ** 2].map((n) => (Math.floor(n) % size) / (size - 1));
    lut.set([shade(r!, g!, b!), shade(g!, b!, r!), shade(b!, r!, g!)], node * 3);
  }
  const bend = (_: unknown, i: number) => ((i % CURVE_ENTRIES) / (CURVE_ENTRIES - 1)) ** 0.8;
  return {
    hash: '',
    size,
    lut,
    curves: curves ? Float32Array.from({ length: 3 * CURVE_ENTRIES }, bend) : null,
  };
}

async function photoPixels(): Promise<Uint8Array> {
  const data = await sharp(PHOTO).toColourspace('srgb').removeAlpha().raw().toBuffer();
  const pixels = new Uint8Array(PIXELS * 3);
  for (let at = 0; at < pixels.length; at += data.length)
    pixels.set(data.subarray(0, pixels.length - at), at);
  return pixels;
}

function noisePixels(): Uint8Array {
  const pixels = new Uint8Array(PIXELS * 3);
  let state = 1;
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[i] = state >>> 24;
  }
  return pixels;
}

function withAlpha(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let i = 0; i < rgb.length; i++) rgba[i + Math.floor(i / 3)] = rgb[i]!;
  return rgba;
}

/** Megapixels per CPU second of one run on a fresh copy, tables in place. */
function measure({ pixels, copy, channels, run }: Variant): number {
  // Not a new array each time: giving back so much memory costs CPU time at some later moment.
  copy.set(pixels.subarray(0, copy.length));
  run(copy.slice(0, channels), channels);
  const before = process.cpuUsage();
  run(copy, channels);
  const { user, system } = process.cpuUsage(before);
  return copy.length / channels / (user + system);
}

function variantsOf(content: string, rgb: Uint8Array): Variant[] {
  const rgba = withAlpha(rgb);
  // Low bits of their own, as a 16-bit source has them.
  const deep = Uint16Array.from(rgb, (value, i) => value * 257 - (i % 128) * (value > 0 ? 1 : 0));
  const plain = makeLook(33, false);
  const curved = makeLook(33, true);
  const of = (name: string, share: number, pixels: Pixels, run: Run): Variant => {
    const channels = pixels === rgba ? 4 : 3;
    const copy = pixels.slice(0, Math.floor(PIXELS * share) * channels);
    return { name: `${content}: ${name}`, channels, copy, pixels, run };
  };
  return [
    of('8-bit RGB', 1, rgb, createKernel(plain, 60).apply),
    of('8-bit RGB, curves', 1, rgb, createKernel(curved, 60).apply),
    of('8-bit RGBA', 1, rgba, createKernel(plain, 60).apply),
    of('8-bit RGB, 65 nodes', 1, rgb, createKernel(makeLook(65, false), 60).apply),
    of('16-bit RGB', 1, deep, createKernel(plain, 60).apply),
    of('16-bit RGB, curves', 1, deep, createKernel(curved, 60).apply),
    of('8-bit RGB, plain twin', 0.05, rgb, createPlainKernel(plain, 60).apply),
    of('8-bit RGB, naive floats', 0.05, rgb, (pixels, channels) => applyNaively(plain, 60, pixels, channels)),
  ];
}

async function main(): Promise<void> {
  const variants = variantsOf('noise', noisePixels());
  if (existsSync(PHOTO)) variants.unshift(...variantsOf('photo', await photoPixels()));
  else note('no sample photo beside the checkout: noise only');
  const results = variants.map(() => [] as number[]);
  for (let round = -2; round < ROUNDS; round++) {
    variants.forEach((variant, i) => {
      const speed = measure(variant);
      if (round >= 0) results[i]!.push(speed);
    });
  }
  const medians = results.map((speeds) => speeds.sort((a, b) => a - b)[ROUNDS >> 1]!);
  const slowest = medians.at(-1)!;
  table(
    `Kernel: megapixels per CPU second (${ROUNDS} rounds in turns)`,
    ['', 'MP/s', 'range', 'of naive floats'],
    variants.map(({ name }, i) => {
      const span = `${results[i]![0]!.toFixed(1)} to ${results[i]!.at(-1)!.toFixed(1)}`;
      return row(name, medians[i]!.toFixed(1), span, `${(medians[i]! / slowest).toFixed(1)}x`);
    }),
  );
}

await main();
