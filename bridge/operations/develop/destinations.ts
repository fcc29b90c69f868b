/**
 * Which file name an item gets in its output folder, so that no two items in flight, and no two items of one batch, ever
 * share one. Reads the folder, writes nothing; the claim record makes the choice durable.
 */
import type { OutputFiles } from '../../batch/output-ports.ts';
import { foldName, type OutputConfig } from '../../contract/index.ts';
import { numbered } from './output-name.ts';

const MAX_TRIES = 100_000;

export type Destination = { name: string; exists: boolean };
export type Wish = { folder: string; base: string; output: OutputConfig; batchId: string; item: number };

export class Destinations {
  readonly #files: OutputFiles;
  /** Names of claims in this process that are not settled yet, by folder; folded, as on some file systems. */
  readonly #reserved = new Map<string, Map<string, string>>();

  constructor(files: OutputFiles) {
    this.#files = files;
  }

  /** Reserves a name until `free`. Null: none can be had under this policy. */
  async reserve(wish: Wish): Promise<Destination | null> {
    const owner = ownerOf(wish);
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const name = numbered(wish.base, attempt, wish.output.format);
      // Reserved before the look at the disk, so that two claims that look at once never agree.
      if (!this.#take(wish.folder, name, owner)) {
        if (wish.output.on_conflict === 'fail') return null;
        continue;
      }
      const state = await this.#look(wish, name);
      if (state !== 'taken') return { name, exists: state === 'replaceable' };
      this.free(wish.folder, name);
      if (wish.output.on_conflict === 'fail') return null;
    }
    return null;
  }

  free(folder: string, name: string): void {
    const names = this.#reserved.get(folder);
    names?.delete(foldName(name));
    if (names?.size === 0) this.#reserved.delete(folder);
  }

  async #look(wish: Wish, name: string): Promise<'free' | 'taken' | 'replaceable'> {
    if (!(await this.#files.exists(`${wish.folder}/${name}`))) return 'free';
    switch (wish.output.on_conflict) {
      case 'unique':
      case 'fail':
        return 'taken';
      case 'skip':
        return 'replaceable';
      case 'overwrite':
      case 'if-changed': {
        const record = await this.#files.readRecord(wish.folder, name);
        const madeBy = record?.made_by;
        const isSibling = madeBy?.startsWith(`${wish.batchId}:`) === true && madeBy !== ownerOf(wish);
        return isSibling ? 'taken' : 'replaceable';
      }
    }
  }

  #take(folder: string, name: string, owner: string): boolean {
    const names = this.#reserved.get(folder) ?? new Map<string, string>();
    const holder = names.get(foldName(name));
    if (holder !== undefined && holder !== owner) return false;
    this.#reserved.set(folder, names.set(foldName(name), owner));
    return true;
  }
}

export function ownerOf(wish: { batchId: string; item: number }): string {
  return `${wish.batchId}:${wish.item}`;
}
