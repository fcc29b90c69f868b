/** The operation `develop`: a preset at a blend over photos, each written as a new file. */
import { join } from 'node:path';
import { hashOf } from '../../batch/canonical.ts';
import type {
  BatchView,
  Limiter,
  Operation,
  OperationRun,
  Prepared,
  PresetSource,
  ResolvedPreset,
} from '../../batch/ports.ts';
import type { DevelopConfig } from '../../contract/index.ts';
import { BridgeError } from '../../errors.ts';
import { UnreadyRun } from '../unready-run.ts';
import { parseDevelopConfig } from './config.ts';
import { Destinations } from './destinations.ts';
import { type DevelopParts, DevelopRun } from './run.ts';

export type DevelopOperationParts = DevelopParts & {
  presets: PresetSource;
  limiter: Limiter;
  /** Outputs go to `{outputsDir}/{batch_id}` unless the config names a folder. */
  outputsDir: string;
};

export function createDevelopOperation(parts: DevelopOperationParts): Operation {
  const destinations = new Destinations(parts.files);
  const folderOf = (batchId: string, config: DevelopConfig): string =>
    config.output.folder ?? join(parts.outputsDir, batchId);
  return {
    name: 'develop',
    limiter: parts.limiter,
    async prepare(batchId, given): Promise<Prepared> {
      const config = parseDevelopConfig(given);
      const refusal = await parts.paths.outputFolder(folderOf(batchId, config));
      if (refusal !== null) throw new BridgeError('output_not_writable', `config.output.folder: ${refusal}`);
      if (config.preset === undefined)
        return { config: given, recipeHash: recipeHash(config, null), warnings: [] };
      const preset = await parts.presets.resolve(config.preset);
      return {
        config: given,
        recipe: preset.recipe,
        recipeHash: recipeHash(config, preset.hash),
        warnings: toWarnings(preset),
      };
    },
    open(batch: BatchView): OperationRun {
      try {
        const config = parseDevelopConfig(batch.config);
        return new DevelopRun(parts, { batch, config, folder: folderOf(batch.id, config), destinations });
      } catch (thrown) {
        if (thrown instanceof BridgeError) return new UnreadyRun(thrown.message);
        throw thrown;
      }
    },
  };
}

/** One for the whole preset, however much of it cannot be done. */
function toWarnings({ recipe, notHonoured }: ResolvedPreset): string[] {
  if (notHonoured.length === 0) return [];
  return [`preset "${recipe.name}": not honoured: ${notHonoured.join('; ')}`];
}

/** Over all that changes the bytes of an output: the preset's content, the blend, the output options. */
function recipeHash(config: DevelopConfig, presetHash: string | null): string {
  const { folder: _folder, name: _name, suffix: _suffix, on_conflict: _policy, ...output } = config.output;
  return hashOf({ preset: presetHash, blend: config.blend, output });
}
