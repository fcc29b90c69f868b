/** The operation `listings`: each selected row of an inventory, or of a request, is handed to a poster; its status goes back into the file. */
import { dirname } from 'node:path';
import { hashOf } from '../../batch/canonical.ts';
import type { BatchView, ItemSource, Limiter, Operation, PathPolicy } from '../../batch/ports.ts';
import { BridgeError } from '../../errors.ts';
import { UnreadyRun } from '../unready-run.ts';
import { type ListingsConfig, parseListingsConfig } from './config.ts';
import { createHttpPoster } from './http-poster.ts';
import { Inventories, type InventoriesParts } from './inventories.ts';
import { openInventory } from './inventory.ts';
import { resolveInventory } from './inventory-file.ts';
import { parseRows, toSelection } from './listing-item.ts';
import { ListingsRun, type ListingsRunParts } from './listings-run.ts';
import type { Poster } from './poster.ts';
import { listingDetailKeys } from './row-result.ts';

export type ListingsParts = InventoriesParts &
  Omit<ListingsRunParts, 'inventories' | 'held'> & {
    limiter: Limiter;
    /** In place of an HTTP poster: a part of this program. The config's `poster` then only names it. */
    poster?: Poster | undefined;
  };

export type ListingsOperation = Operation & {
  /** Saves the inventories that are still open. Answers what could not be, in words for people. */
  close(): ReturnType<Inventories['close']>;
};

export function createListingsOperation(parts: ListingsParts): ListingsOperation {
  const inventories = new Inventories(parts);
  const held: ListingsRunParts['held'] = new Map();
  const parse = (config: unknown) => parseListingsConfig(config, { hasPoster: parts.poster !== undefined });
  return {
    name: 'listings',
    limiter: parts.limiter,
    attempts: 1,
    detailKeys: listingDetailKeys,
    async prepare(_batchId, given) {
      const config = parse(given);
      await checkAllowed(parts.paths, { field: 'config.images_dir', path: config.images_dir });
      return { config: given, recipeHash: hashOf(config), warnings: [] };
    },
    async select(source, given) {
      return select({ parts, inventories }, source, parse(given));
    },
    open(batch: BatchView) {
      try {
        const config = parse(batch.config);
        const toPoster = () =>
          parts.poster ?? createHttpPoster(config.poster, { format: config.poster_format });
        return new ListingsRun({ ...parts, inventories, held }, { batch, config, toPoster });
      } catch (thrown) {
        if (thrown instanceof BridgeError) return new UnreadyRun(thrown.message);
        throw thrown;
      }
    },
    close: () => inventories.close(),
  };
}

type Selecting = { parts: ListingsParts; inventories: Inventories };

async function select(selecting: Selecting, source: ItemSource, config: ListingsConfig) {
  const { mode } = config;
  if ('file' in source) {
    if (config.file !== undefined)
      throw new BridgeError(
        'bad_request',
        'config.file is for batches over items; file is where the statuses go',
      );
    const { path, rows } = await openFree(selecting, { field: 'file', path: source.file }, config);
    return toSelection(rows, { mode, file: path });
  }
  const rows = parseRows(source.items);
  if (config.file === undefined) return toSelection(rows, { mode, file: undefined });
  const { path } = await openFree(selecting, { field: 'config.file', path: config.file }, config);
  return toSelection(rows, { mode, file: path });
}

type Named = { field: string; path: string };

/** An inventory that may be read and written, that nobody else has open, and that no other batch is over. */
async function openFree({ parts, inventories }: Selecting, { field, path }: Named, config: ListingsConfig) {
  const { paths } = parts;
  await checkAllowed(paths, { field, path });
  const real = await resolveInventory(path);
  await checkAllowed(paths, { field, path: real });
  const refusal = (await paths?.outputFolder(dirname(real))) ?? null;
  if (refusal !== null) throw new BridgeError('forbidden_path', `${field}: ${path}: ${refusal}`);
  await inventories.checkFree(real);
  return openInventory(real, { sheet: config.sheet });
}

async function checkAllowed(paths: PathPolicy | undefined, { field, path }: Named): Promise<void> {
  const refusal = (await paths?.source(path)) ?? null;
  if (refusal !== null) throw new BridgeError('forbidden_path', `${field}: ${path}: ${refusal}`);
}
