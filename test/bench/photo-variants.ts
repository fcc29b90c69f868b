/** The ways to the same JPEG that the photo benchmark compares: bare sharp, the least one could do, the product. */
import { readFileSync } from 'node:fs';
import type { NativeRecipe } from '../../bridge/contract/recipe.ts';
import { builtInPresets } from '../../bridge/presets/built-in/all.ts';
import { compileLook } from '../../bridge/presets/compile-look.ts';
import type { Look } from '../../bridge/presets/look.ts';
import { createKernel } from '../../workers/kernel/kernel.ts';
import { develop } from '../../workers/pipeline/develop.ts';
import { releaseMemory } from '../../workers/pipeline/release.ts';
import { sharp } from '../../workers/pipeline/sharp-setup.ts';
import { developTask } from '../helpers/tasks.ts';

export type Variant = { name: string; goal?: number; run(): Promise<unknown> };
export type VariantOptions = { path: string; folder: string; long_edge?: number | undefined };

const encoder = { quality: 90, chromaSubsampling: '4:2:0', optimiseCoding: false };

/** The default preset of the product. */
export function whiteLayerRecipe(): NativeRecipe {
  const built = builtInPresets.find(({ name }) => name === 'WhiteLayer_v4');
  if (built === undefined) throw new Error('the preset is gone');
  const { name, description: _text, ...preset } = built;
  return { kind: 'native', name, preset };
}

/** The first is the floor the others are measured by. */
export function createVariants(options: VariantOptions): Variant[] {
  const { path, long_edge } = options;
  const bytes = readFileSync(path);
  const look = compileLook(whiteLayerRecipe());
  const kernel = createKernel(look, 60);
  const open = () => {
    // Left as they are by `develop`, too, when they are in sRGB: a profile that says so costs nothing on either side.
    const chain = sharp(bytes, { ignoreIcc: true }).rotate();
    return long_edge === undefined ? chain : chain.resize(long_edge, long_edge, { fit: 'inside' });
  };
  const bare = async () => {
    const { data, info } = await open().raw().toBuffer({ resolveWithObject: true });
    kernel.apply(data, 3);
    const { width, height } = info;
    const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg(encoder)
      .toBuffer();
    // Else the collector would take it away in the turn of another.
    releaseMemory(data);
    return jpeg;
  };
  return [
    { name: 'floor: bare sharp', run: () => open().jpeg(encoder).toBuffer() },
    { name: 'bare script with our kernel', run: bare },
    {
      name: 'develop, blend 60',
      goal: long_edge === undefined ? 1.85 : 1.15,
      run: developer(options, look, 60),
    },
    { name: 'develop, blend 100', run: developer(options, look, 100) },
    { name: 'export only', run: developer(options, null, 0) },
  ];
}

function developer({ path, folder, long_edge }: VariantOptions, look: Look | null, blend: number) {
  return async () => {
    const output = { on_conflict: 'overwrite', ...(long_edge === undefined ? {} : { long_edge }) } as const;
    const task = developTask({ path, folder, name: 'developed.jpg', blend, output });
    const context = { look, onSize: () => undefined, mayWrite: () => true };
    const outcome = await develop(task, context);
    if (!outcome.ok) throw new Error(outcome.failure.message);
  };
}
