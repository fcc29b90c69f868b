/** Which preset each name stands for, from the built-in ones and the files of a folder. Knows no disk. */
import type { NativePreset, PresetSummary } from '../contract/index.ts';
import { hashRecipe } from './hash-recipe.ts';
import { type LoadedPreset, toFileName } from './load-preset-file.ts';
import { ownOrigin, type PresetContent, toNativeContent } from './preset-content.ts';
import type { PresetKind } from './preset-kinds.ts';

/** `content` null: never loaded well, nothing to use. */
export type ShelfEntry = {
  name: string;
  source: PresetSummary['source'];
  kind: PresetKind;
  path: string | null;
  content: PresetContent | null;
  hash: string | null;
  problem: string | null;
};
export type ShelfChange = {
  preset: string;
  change: 'added' | 'changed' | 'removed' | 'broken';
  message?: string;
};

/**
 * A file takes the place of a built-in preset of the same name, and gives it back when it goes. A file that turns bad keeps its last
 * good preset. Of two files with one name the first by path counts; the other is listed under its file name with a problem.
 */
export class PresetShelf {
  readonly #builtIn: readonly ShelfEntry[];
  readonly #files = new Map<string, ShelfEntry>();
  #visible: ReadonlyMap<string, ShelfEntry>;

  constructor(builtIn: readonly (NativePreset & { name: string })[]) {
    this.#builtIn = builtIn.map((preset) =>
      toEntry({
        name: preset.name,
        content: toNativeContent(preset, { name: preset.name, origin: ownOrigin }),
        kind: 'native',
        path: null,
      }),
    );
    this.#visible = this.#arrange();
  }

  /** Names in alphabetical order, upper and lower case alike. */
  entries(): ShelfEntry[] {
    return [...this.#visible.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }

  /** Exactly, else the first that differs only in case. */
  find(name: string): ShelfEntry | null {
    const exact = this.#visible.get(name);
    if (exact !== undefined) return exact;
    const folded = name.toLowerCase();
    return this.entries().find((entry) => entry.name.toLowerCase() === folded) ?? null;
  }

  /** Takes in what reading a file gave. Answers what that changed for those who use names. */
  put(path: string, kind: PresetKind, loaded: LoadedPreset): ShelfChange[] {
    if (loaded.kind === 'gone') this.#files.delete(path);
    else if (loaded.kind === 'loaded') {
      const { kind: _loaded, ...content } = loaded;
      this.#files.set(path, toEntry({ name: content.recipe.name, content, kind, path }));
    } else {
      const before = this.#files.get(path) ?? toEntry({ name: toFileName(path), content: null, kind, path });
      this.#files.set(path, { ...before, problem: loaded.problem });
    }
    const before = this.#visible;
    this.#visible = this.#arrange();
    return compare(before, this.#visible);
  }

  #arrange(): ReadonlyMap<string, ShelfEntry> {
    const visible = new Map(this.#builtIn.map((entry) => [entry.name, entry]));
    const files = [...this.#files.values()].sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
    const taken = new Map<string, ShelfEntry>();
    for (const file of files.filter((entry) => entry.content !== null)) {
      const first = taken.get(file.name);
      if (first === undefined) taken.set(file.name, file);
      else addUnusable(taken, { ...file, problem: `the name "${file.name}" is taken by ${first.path}` });
    }
    for (const [name, file] of taken) visible.set(name, file);
    for (const file of files.filter((entry) => entry.content === null)) addUnusable(visible, file);
    return visible;
  }
}

/** Under its own name where that is free; beside a usable preset of that name it only reports its problem there. */
function addUnusable(entries: Map<string, ShelfEntry>, file: ShelfEntry): void {
  const name = file.path === null ? file.name : toFileName(file.path);
  const other = entries.get(name);
  if (other === undefined) entries.set(name, { ...file, name, content: null, hash: null });
  else if (other.problem === null) entries.set(name, { ...other, problem: `${file.path}: ${file.problem}` });
}

function toEntry(from: Pick<ShelfEntry, 'name' | 'content' | 'kind' | 'path'>): ShelfEntry {
  const hash = from.content === null ? null : hashRecipe(from.content.recipe);
  return { ...from, hash, source: from.path === null ? 'built-in' : 'file', problem: null };
}

function compare(
  before: ReadonlyMap<string, ShelfEntry>,
  after: ReadonlyMap<string, ShelfEntry>,
): ShelfChange[] {
  const changes: ShelfChange[] = [];
  for (const name of before.keys()) if (!after.has(name)) changes.push({ preset: name, change: 'removed' });
  for (const [name, entry] of after) {
    const old = before.get(name);
    if (entry.problem !== null && entry.problem !== old?.problem) {
      changes.push({ preset: name, change: 'broken', message: entry.problem });
    } else if (old === undefined) changes.push({ preset: name, change: 'added' });
    else if (entry.hash !== old.hash || entry.problem !== old.problem) {
      changes.push({ preset: name, change: 'changed' });
    }
  }
  return changes;
}
