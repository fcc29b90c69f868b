/** Sends charts through a worker's develop task and holds what comes out against LittleCMS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { NativeRecipe } from '../../../bridge/contract/index.ts';
import { compileLook } from '../../../bridge/presets/compile-look.ts';
import { develop } from '../../../workers/pipeline/develop.ts';
import { developTask, type TaskOptions } from '../tasks.ts';
import { deltaE2000, type Lab } from './delta-e.ts';
import { toLab } from './little-cms.ts';

export type Developed = {
  file: Buffer;
  warnings: string[];
  /** As the output's own profile is: a file of it, for LittleCMS. */
  profile: string;
  depth: 8 | 16;
  /** R G B, 0..255 with fractions; alpha apart. */
  patches: number[][];
  alpha: number[] | null;
};

export class ChartRuns {
  readonly folder = mkdtempSync(join(tmpdir(), 'pb-charts-'));
  #count = 0;

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  save(bytes: Buffer, suffix: string): string {
    this.#count += 1;
    const path = join(this.folder, `${this.#count}.${suffix}`);
    writeFileSync(path, bytes);
    return path;
  }

  /** Throws when the task fails. */
  async run(source: Buffer, output: TaskOptions['output'], recipe?: NativeRecipe): Promise<Developed> {
    const path = this.save(source, 'source');
    const task = developTask({
      path,
      folder: this.folder,
      item: this.#count,
      output: { bit_depth: 16, ...output },
      ...(recipe === undefined ? {} : { recipe }),
    });
    const look = recipe === undefined ? null : compileLook(recipe);
    const outcome = await develop(task, { look, onSize: () => undefined, mayWrite: () => true });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.failure));
    if (outcome.output === undefined) throw new Error('skipped');
    return { ...(await this.read(readFileSync(outcome.output.path))), warnings: outcome.warnings };
  }

  async read(file: Buffer): Promise<Omit<Developed, 'warnings'>> {
    const { icc, depth: sampleType, channels: stored } = await sharp(file).metadata();
    if (icc === undefined) throw new Error('the output has no profile');
    const depth = sampleType === 'ushort' ? 16 : 8;
    const chain = sharp(file, { ignoreIcc: true }).toColourspace(depth === 16 ? 'rgb16' : 'srgb');
    const { data, info } = await chain
      .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const values = depth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    const unit = depth === 16 ? 257 : 1;
    const patches: number[][] = [];
    const alpha: number[] = [];
    for (let at = 0; at < values.length; at += info.channels) {
      patches.push(Array.from(values.subarray(at, at + 3), (value) => value / unit));
      alpha.push(values[at + 3]! / unit);
    }
    const hasAlpha = stored === 2 || stored === 4;
    return { file, profile: this.save(icc, 'icc'), depth, patches, alpha: hasAlpha ? alpha : null };
  }
}

export type Distance = { mean: number; worst: number; at: number };

/** dE2000 of each pair; `at` is the place of the worst. */
export function distance(wanted: readonly Lab[], got: readonly Lab[]): Distance {
  const each = wanted.map((lab, index) => deltaE2000(lab, got[index]!));
  const worst = Math.max(...each);
  return { mean: each.reduce((sum, value) => sum + value, 0) / each.length, worst, at: each.indexOf(worst) };
}

/** The colours that a person sees in an output: its pixels by its own profile. */
export function seen(developed: Developed, count: number): Lab[] {
  return toLab(developed.patches.slice(0, count), developed.profile);
}
