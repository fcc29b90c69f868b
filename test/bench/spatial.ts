/**
 * Micro benchmark of the spatial steps: megapixels per CPU second of each alone and of what real presets ask for, rounds in turns,
 * medians. `node test/bench/spatial.ts [--quick] [photo]`; without a photo it takes one of the sample photos beside the checkout.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { NativePreset } from '../../bridge/contract/native-preset.ts';
import { toSpatialSteps } from '../../bridge/presets/spatial/spatial-steps.ts';
import type { Pixels } from '../../workers/pipeline/pixels.ts';
import { applySteps } from '../../workers/spatial/apply-steps.ts';
import { makePixels } from '../helpers/images.ts';
import { median, note, range, row, table } from './report.ts';

const isQuick = process.argv.includes('--quick');
const [WIDTH, HEIGHT] = isQuick ? [3000, 2000] : [6000, 4000];
const ROUNDS = isQuick ? 3 : 5;
const SAMPLE = new URL('../../../shared/photos/plain/samsung-sm-g935l-galaxy-s7-edge.jpg', import.meta.url);
const PHOTO = process.argv.slice(2).find((word) => word !== '--quick') ?? fileURLToPath(SAMPLE);

const presets: [name: string, preset: NativePreset][] = [
  ['clarity', { clarity: 40 }],
  ['texture', { texture: 40 }],
  ['dehaze', { dehaze: 40 }],
  ['sharpening, radius 1', { sharpening: { amount: 40 } }],
  ['sharpening, radius 2, masking', { sharpening: { amount: 40, radius: 2, masking: 50 } }],
  ['luminance noise', { noise_reduction: { luminance: 40 } }],
  ['colour noise', { noise_reduction: { colour: 25 } }],
  ['defringe', { defringe: { purple_amount: 4, green_amount: 4 } }],
  ['vignette', { vignette: { amount: -30 } }],
  ['grain', { grain: { amount: 30 } }],
  ['a film preset: sharpening, grain', { sharpening: { amount: 10 }, grain: { amount: 30 } }],
  [
    'all of them',
    {
      clarity: 20,
      texture: 20,
      dehaze: 10,
      sharpening: { amount: 40 },
      noise_reduction: { luminance: 20, colour: 25 },
      defringe: { purple_amount: 4 },
      vignette: { amount: -20 },
      grain: { amount: 20 },
    },
  ],
];

async function photoPixels(): Promise<Pixels> {
  const picture = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  if (!existsSync(PHOTO)) {
    note('no sample photo beside the checkout: a made up picture');
    return { ...picture, data: makePixels(picture).data };
  }
  const chain = sharp(PHOTO).toColourspace('srgb').removeAlpha().resize(WIDTH, HEIGHT, { fit: 'fill' });
  return { ...picture, data: await chain.raw().toBuffer() };
}

const source = await photoPixels();
const copy = source.data.slice();
const speeds = presets.map(() => [] as number[]);
for (let round = -1; round < ROUNDS; round++) {
  for (const [index, [, preset]] of presets.entries()) {
    copy.set(source.data);
    const before = process.cpuUsage();
    const pixels = { ...source, data: copy };
    applySteps({
      pixels,
      steps: toSpatialSteps(preset),
      colour: () => undefined,
      blend: 60,
      scale: 1,
      seed: 1,
    });
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) speeds[index]!.push((WIDTH * HEIGHT) / (user + system));
  }
}
table(
  `Spatial steps: megapixels per CPU second (${(WIDTH * HEIGHT) / 1e6} MP, 8-bit, blend 60, without the LUT; ${ROUNDS} rounds in turns)`,
  ['', 'MP/s', 'range'],
  presets.map(([name], index) => row(name, median(speeds[index]!).toFixed(1), range(speeds[index]!, 1))),
);
