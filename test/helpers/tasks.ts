/** Builds render tasks for tests: everything has a default, tests name what they are about. */
import type {
  DevelopTask,
  NativeRecipe,
  OutputConfig,
  ProofTask,
  Recipe,
  SourceLimits,
} from '../../bridge/contract/index.ts';

export type TaskOptions = {
  path: string;
  folder: string;
  name?: string;
  item?: number;
  recipe?: Recipe;
  blend?: number;
  output?: Partial<Omit<OutputConfig, 'folder' | 'name' | 'suffix'>>;
  previous?: DevelopTask['previous'];
  limits?: Partial<DevelopTask['limits']>;
};

const LIMITS: SourceLimits = { max_pixels: 200e6, alone_pixels: 80e6, max_bytes: 512e6 };

export function developTask(options: TaskOptions): DevelopTask {
  const { path, folder, item = 0, recipe, blend = 100, previous, limits } = options;
  const format = options.output?.format ?? 'jpeg';
  return {
    kind: 'develop',
    batch_id: 'batch_00000000beef',
    item,
    attempt: 1,
    photo_id: item,
    source: { path },
    recipe_hash: 'cafe',
    blend,
    output: {
      format,
      quality: 90,
      chroma: '4:2:0',
      enlarge: false,
      sharpen: 'none',
      colour: 'srgb',
      metadata: 'keep',
      on_conflict: 'unique',
      ...options.output,
      folder,
      name: options.name ?? `${item}.${format}`,
      temp_name: `.pb-batch_00000000beef-${item}-1.tmp`,
    },
    limits: { ...LIMITS, ...limits },
    ...(recipe === undefined ? {} : { recipe }),
    ...(previous === undefined ? {} : { previous }),
  };
}

export function proofTask(path: string, options: Partial<ProofTask> = {}): ProofTask {
  return {
    kind: 'proof',
    source: { path },
    blend: 100,
    long_edge: 128,
    quality: 80,
    limits: LIMITS,
    ...options,
  };
}

/** A clearly visible look. */
export const brightRecipe: NativeRecipe = { kind: 'native', name: 'bright', preset: { exposure: 1 } };
