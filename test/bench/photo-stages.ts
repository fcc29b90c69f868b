/** Where the CPU time of one developed photo goes, by the pipeline's own functions called one after the other. */
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
import { whiteLayerRecipe } from './photo-variants.ts';
import { median } from './report.ts';

export type Stage = { name: string; cpu: number; faults: number };
export type StageOptions = { path: string; folder: string; rounds: number };

const look = compileLook(whiteLayerRecipe());
const encoder = { format: 'jpeg', quality: 90, chroma: '4:2:0', sharpen: 'none' } as const;

/** Medians: milliseconds of CPU in all threads, pages touched for the first time. */
export async function measureStages(options: StageOptions): Promise<Stage[]> {
  const runs: Stage[][] = [];
  for (let round = -2; round < options.rounds; round++) {
    const stages = await runStages(options.path, join(options.folder, 'staged.jpg'));
    if (round >= 0) runs.push(stages);
  }
  const of = (index: number, key: 'cpu' | 'faults') => median(runs.map((run) => run[index]?.[key] ?? 0));
  return (runs[0] ?? []).map(({ name }, i) => ({ name, cpu: of(i, 'cpu'), faults: of(i, 'faults') }));
}

async function runStages(path: string, target: string): Promise<Stage[]> {
  const stages: Stage[] = [];
  async function stage<T>(name: string, run: () => T | Promise<T>): Promise<T> {
    const before = process.resourceUsage();
    const value = await run();
    const after = process.resourceUsage();
    const micros = after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime;
    stages.push({ name, cpu: micros / 1000, faults: after.minorPageFault - before.minorPageFault });
    return value;
  }
  const { bytes } = await stage('read', () => readSource(path, 1e9));
  await stage('hash of the source', () => sha256(bytes));
  const header = await stage('header', () => readHeader(bytes, { max_pixels: 1e9 }));
  const request = { bytes, header, size: header, maxPixels: 1e9, ignoreProfile: true };
  const pixels = await stage('decode', () => decodePixels(request));
  await stage('kernel', () => applyLook(pixels, look, { blend: 60, scale: 1, seed: 1 }));
  const encoded = await stage('encode', () => encodePixels(pixels, { ...encoder, depth: 8, flatten: false }));
  const { pieces } = await stage('metadata', () => {
    const found = readSourceMetadata(bytes, header.metadata);
    const { width, height } = pixels;
    const blocks = prepareMetadata(found, { policy: 'keep', width, height, colour: 'srgb' });
    return attachMetadata({ encoded, format: 'jpeg', blocks, icc: srgbProfile() });
  });
  await stage('hash of the output', () => sha256(Buffer.concat(pieces)));
  const file = openSync(target, 'w');
  await stage('write', () => writevSync(file, pieces));
  await stage('fsync', () => fsyncSync(file));
  closeSync(file);
  return stages;
}
