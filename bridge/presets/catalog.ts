/** The preset catalog: built-in presets and those of a watched folder, by name. Compiles nothing. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PresetSource, RecipeFiles, ResolvedPreset } from '../batch/ports.ts';
import { type PresetDetail, type PresetSummary, toHint, toSuggestions } from '../contract/index.ts';
import { BridgeError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type FolderEvent, type FolderWatch, watchFolder } from '../watch/watch-folder.ts';
import type { PresetApi } from './api.ts';
import { builtInPresets } from './built-in/all.ts';
import { hashRecipe } from './hash-recipe.ts';
import { loadPresetFile } from './load-preset-file.ts';
import { keepRecipe } from './lut/keep-recipe.ts';
import { ownOrigin, type PresetContent, toNativeContent } from './preset-content.ts';
import { toPresetFormat } from './preset-kinds.ts';
import { PresetShelf, type ShelfChange, type ShelfEntry } from './preset-shelf.ts';

export type PresetCatalog = PresetSource & PresetApi & { close(): Promise<void> };
export type PresetCatalogOptions = {
  /** Made when missing. Only files directly in it are presets. */
  folder: string;
  /** Where the tables that batches use are kept, so that a preset may change or go while they run. */
  recipes: RecipeFiles;
  log: Log;
  /** Changes after the first scan. */
  onChange: (change: ShelfChange) => void;
  /** How long a written file must be still before it is read, in milliseconds. */
  settleMs?: number;
};

const SETTLE_MS = 200;

/** Resolves when every file already there has been read. A folder that cannot be watched leaves the built-in presets. */
export async function createPresetCatalog(options: PresetCatalogOptions): Promise<PresetCatalog> {
  const { log } = options;
  const shelf = new PresetShelf(builtInPresets);
  const reader = createReader(shelf, options);
  const watch = await startWatch(options, reader.take);
  await watch?.ready;
  await reader.settled();
  reader.announce();
  log.debug({ presets: shelf.entries().length, folder: options.folder }, 'presets loaded');
  return {
    list: () => shelf.entries().map(toSummary),
    get(name) {
      const entry = shelf.find(name);
      if (entry === null) throw unknownPreset('preset_not_found', name, shelf);
      return toDetail(entry);
    },
    async resolve(preset) {
      if (typeof preset !== 'string')
        return toResolved(toNativeContent(preset, { name: 'inline', origin: ownOrigin }));
      const entry = shelf.find(preset);
      if (entry === null) throw unknownPreset('unknown_preset', preset, shelf);
      if (entry.content !== null) {
        await keepRecipe(entry.content.recipe, entry.path, options.recipes);
        return toResolved(entry.content);
      }
      throw new BridgeError('preset_invalid', `preset "${entry.name}" cannot be used: ${entry.problem}`, {
        path: entry.path,
      });
    },
    toTask: (recipe) =>
      recipe.kind === 'lut' ? { ...recipe, file: join(options.recipes.folder, recipe.file) } : recipe,
    async close() {
      await watch?.close();
      await reader.settled();
    },
  };
}

/** Reads files one after the other, in the order of their events. */
function createReader(shelf: PresetShelf, { log, onChange }: PresetCatalogOptions) {
  let queue = Promise.resolve();
  let announcing = false;
  const read = async ({ kind, path }: FolderEvent): Promise<void> => {
    const format = toPresetFormat(path);
    if (format === null) return;
    const loaded = kind === 'removed' ? ({ kind: 'gone' } as const) : await loadPresetFile(path, format);
    if (loaded.kind === 'refused') log.warn({ path, problem: loaded.problem }, 'preset file refused');
    for (const change of shelf.put(path, format.kind, loaded)) if (announcing) onChange(change);
  };
  return {
    take(event: FolderEvent) {
      queue = queue
        .then(() => read(event))
        .catch((error: unknown) =>
          log.error({ err: toError(error), path: event.path }, 'preset event failed'),
        );
    },
    settled: () => queue,
    announce() {
      announcing = true;
    },
  };
}

async function startWatch(
  { folder, log, settleMs = SETTLE_MS }: PresetCatalogOptions,
  onEvent: (event: FolderEvent) => void,
): Promise<FolderWatch | null> {
  const onError = (error: Error) => log.warn({ err: error, folder }, 'preset folder not watched well');
  try {
    await mkdir(folder, { recursive: true });
    return await watchFolder({ folder, recursive: false, settleMs, onEvent, onError });
  } catch (error) {
    log.warn({ err: toError(error), folder }, 'preset folder not watched');
    return null;
  }
}

function toSummary({ name, source, kind, path, problem, content }: ShelfEntry): PresetSummary {
  const description = content?.description ?? null;
  return { name, description, source, kind, group: content?.origin.group ?? null, path, problem };
}

function toDetail(entry: ShelfEntry): PresetDetail {
  const { content } = entry;
  return {
    ...toSummary(entry),
    hash: entry.hash ?? '',
    settings: content?.settings ?? {},
    not_honoured: content === null ? [] : toNotHonoured(content),
    notes: [...(content?.origin.notes ?? [])],
  };
}

function toResolved(content: PresetContent): ResolvedPreset {
  const { recipe } = content;
  return { recipe, hash: hashRecipe(recipe), notHonoured: toNotHonoured(content) };
}

/** Every control of the native form is run; a file may have asked for more. */
function toNotHonoured({ origin }: PresetContent): string[] {
  return [...origin.unsupported];
}

function unknownPreset(
  code: 'unknown_preset' | 'preset_not_found',
  name: string,
  shelf: PresetShelf,
): BridgeError {
  const suggestions = toSuggestions(
    name,
    shelf.entries().map((entry) => entry.name),
  );
  return new BridgeError(code, `no preset is named "${name}"${toHint(suggestions)}`, { suggestions });
}
