/** Where the CPU time of one developed photo goes, by the pipeline's own functions called one after the other. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import { attachMetadata } from '../../workers/metadata/attach.ts';
import { prepareMetadata } from '../../workers/metadata/prepare.ts';
import { srgbProfile } from '../../workers/metadata/profiles.ts';
import { readSourceMetadata } from '../../workers/metadata/read.ts';
import { applyLook } from '../../workers/pipeline/apply-look.ts';
import { decodePixels } from '../../workers/pipeline/decode.ts';
import { encodePixels } from '../../workers/pipeline/encode.ts';
import { readHeader } from '../../workers/pipeline/header.ts';
import { readSource, sha256 } from '../../workers/pipeline/read-source.ts';
import { releaseMemory } from '../../workers/pipeline/release.ts';
import { targetSize } from '../../workers/pipeline/target-size.ts';
import { createVariants, type Variant, whiteLayerRecipe } from './photo-variants.ts';
import { median } from './report.ts';

/** `share`: of the floor of the same round. */
export type Stage = { name: string; cpu: number; share: number };
export type StageOptions = {
  path: string;
  folder: string;
  rounds: number;
  long_edge?: number | undefined;
};

const look = compileLook(whiteLayerRecipe());
const encoder = { format: 'jpeg', quality: 90, chroma: '4:2:0', sharpen: 'none' } as const;
const WHOLE = 'develop as a whole';
const FLOOR = 'floor: bare sharp';

/**
 * Medians of milliseconds of CPU in all threads. Decoder and encoder apart cost what they cost together and the hand-over of the raw
 * pixels: the decoder writes all of them before the encoder reads the first. What the whole costs beyond its stages is the rest.
 */
export async function measureStages(options: StageOptions): Promise<Stage[]> {
  const variants = createVariants(options);
  const runs: Map<string, number>[] = [];
  for (let round = -2; round < options.rounds; round++) {
    const stages = await runStages(options, variants);
    if (round >= 0) runs.push(stages);
  }
  return [...(runs[0]?.keys() ?? [])].map((name) => ({
    name,
    cpu: median(runs.map((run) => run.get(name) ?? 0)),
    share: median(runs.map((run) => (run.get(name) ?? 0) / (run.get(FLOOR) ?? Number.NaN))),
  }));
}

async function runStages(
  { path, folder, long_edge }: StageOptions,
  [floor, , whole]: readonly Variant[],
): Promise<Map<string, number>> {
  const costs = new Map<string, number>();
  const spent = (name: string) => costs.get(name) ?? 0;
  async function stage<T>(name: string, run: () => T | Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const value = await run();
    const { user, system } = process.cpuUsage(before);
    costs.set(name, (user + system) / 1000);
    return value;
  }
  await stage(FLOOR, () => floor?.run());
  const { bytes } = await stage('read', () => readSource(path, 1e9));
  await stage('hash of the source', () => sha256(bytes));
  const header = await stage('header', () => readHeader(bytes, { max_pixels: 1e9 }));
  const size = targetSize(header, { long_edge, enlarge: false });
  const request = { bytes, header, size, maxPixels: 1e9, ignoreProfile: true };
  const pixels = await stage('decode', () => decodePixels(request));
  await stage('kernel', () => applyLook(pixels, look, { blend: 60, scale: 1, seed: 1 }));
  const encoded = await stage('encode', () => encodePixels(pixels, { ...encoder, depth: 8, flatten: false }));
  costs.set('raw hand-over', spent('decode') + spent('encode') - spent(FLOOR));
  const { pieces } = await stage('metadata', () => {
    const found = readSourceMetadata(bytes, header.metadata);
    const blocks = prepareMetadata(found, { policy: 'keep', ...size, colour: 'srgb' });
    return attachMetadata({ encoded, format: 'jpeg', blocks, icc: srgbProfile() });
  });
  await stage('hash of the output', () => {
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    return hash.digest('hex');
  });
  const file = openSync(join(folder, 'staged.jpg'), 'w');
  await stage('write', () => writevSync(file, pieces));
  await stage('fsync', () => fsyncSync(file));
  closeSync(file);
  for (const array of [bytes, pixels.data, encoded]) releaseMemory(array);
  await stage(WHOLE, () => whole?.run());
  costs.set('rest', spent(WHOLE) - sumOf(costs, [FLOOR, WHOLE, 'raw hand-over']));
  return costs;
}

function sumOf(costs: ReadonlyMap<string, number>, without: readonly string[]): number {
  return [...costs].reduce((sum, [name, cost]) => (without.includes(name) ? sum : sum + cost), 0);
}
