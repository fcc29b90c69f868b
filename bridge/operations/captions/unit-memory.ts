/** What is known, in this run of the program, of units that are under way or were cut off. The durable part is their notes. */
import type { ItemInput, ItemInputs } from '../../batch/ports.ts';
import type { Caption } from './caption.ts';
import { type CaptionNote, parseInput, parseNote } from './item-input.ts';
import type { PostState } from './post-state.ts';

/** How a post was found after an attempt was cut off: `mixed` is neither as wanted nor as before. */
export type Look = { state: 'landed' | 'original' | 'mixed'; post: PostState };

export type UnitMemory = {
  post_id: string;
  /** Null: nothing was ever written for it. `at`: the item it is kept with. */
  note: (CaptionNote & { at: ItemInput }) | null;
  captions: ReadonlyMap<number, Caption>;
  /** It ran in this program. */
  isLive: boolean;
  /** Its attempt came to an end of its own: what it left is as it is meant to be. */
  isConcluded: boolean;
  /** The note is still needed after that. */
  keepsNote: boolean;
  look: Promise<Look> | null;
  tidied: Promise<void> | null;
};

/** Units by each of their items. */
export class UnitMemories {
  readonly #batchId: string;
  readonly #inputs: ItemInputs;
  readonly #units = new Map<number, UnitMemory>();

  constructor(batchId: string, inputs: ItemInputs) {
    this.#batchId = batchId;
    this.#inputs = inputs;
  }

  forget(item: number): void {
    this.#units.delete(item);
  }

  /** The unit is run now with these items. Null: an item's caption is not on disk any more. */
  async begin(items: readonly number[]): Promise<UnitMemory | null> {
    for (const item of items) this.#units.delete(item);
    const memory = await this.#load(items);
    if (memory === null) return null;
    memory.isLive = true;
    for (const item of items) this.#units.set(item, memory);
    return memory;
  }

  /** The unit of an item that is given back, or that the last run of the program left. */
  async recall(item: number): Promise<UnitMemory | null> {
    const known = this.#units.get(item);
    if (known !== undefined) return known;
    const memory = await this.#load([item]);
    // Another item of the unit may have been asked about meanwhile.
    const other = this.#units.get(item);
    if (other !== undefined || memory === null) return other ?? null;
    for (const member of memory.note?.items ?? []) this.#units.set(member, memory);
    return memory;
  }

  /** Durable when resolved. */
  async save(memory: UnitMemory, note: CaptionNote): Promise<void> {
    const [first = 0] = note.items;
    const v = (await this.#inputs.read(this.#batchId, [first])).get(first)?.v;
    await this.#inputs.save(this.#batchId, [{ i: first, v, n: note }]);
    memory.note = { ...note, at: { i: first, v } };
  }

  /** The post is as it should be: what it was before is of no use any more. */
  async drop(memory: UnitMemory): Promise<void> {
    if (memory.note === null) return;
    await this.#inputs.save(this.#batchId, [memory.note.at]);
    memory.note = null;
  }

  async #load(items: readonly number[]): Promise<UnitMemory | null> {
    const [first = 0] = items;
    const place = parseInput((await this.#inputs.read(this.#batchId, [first])).get(first)?.v)?.place ?? 0;
    const start = Math.max(0, first - place);
    const before = Array.from({ length: first - start }, (_, offset) => start + offset);
    const found = await this.#inputs.read(this.#batchId, [...before, ...items]);
    const note = findNote(found, first);
    const captions = new Map<number, Caption>();
    const members = note === null ? items : new Set([...items, ...note.items]);
    const rest = [...members].filter((item) => !found.has(item));
    for (const [item, input] of await this.#inputs.read(this.#batchId, rest)) found.set(item, input);
    for (const item of members) {
      const input = parseInput(found.get(item)?.v);
      if (input !== null) captions.set(item, input.caption);
    }
    const post_id = captions.get(first)?.post_id;
    if (post_id === undefined || items.some((item) => !captions.has(item))) return null;
    const fresh = { isLive: false, isConcluded: false, keepsNote: false, look: null, tidied: null };
    return { post_id, note, captions, ...fresh };
  }
}

/** The nearest one that speaks of the item: an older one of more items may stand before it. */
function findNote(found: ReadonlyMap<number, ItemInput>, item: number): UnitMemory['note'] {
  const nearest = [...found.values()].filter(({ i }) => i <= item).toSorted((one, other) => other.i - one.i);
  for (const { i, v, n } of nearest) {
    const note = parseNote(n);
    if (note?.items.includes(item)) return { ...note, at: { i, v } };
  }
  return null;
}
