/** In memory, for each photo id, where its record is on disk, and which ids a path's hash may mean. Holds no path. */

/**
 * Bytes per photo: 8 offset + 4 hash + 1 mark, times up to 1.5 for room to grow, + 5.3 to 10.7 of hash table: at most 31.
 * An id has one place; a photo that moved is placed again under its new hash and the old slot goes stale.
 */
export class PhotoIndex {
  #offsets = new Float64Array(1024).fill(-1);
  #hashes = new Uint32Array(1024);
  #marks = new Uint8Array(1024);
  /** Open addressing with linear probing; 0 = free. */
  #slots = new Uint32Array(2048);
  #usedSlots = 0;
  #highest = 0;
  #count = 0;

  /** The highest id placed; 0 when there is none. */
  get highest(): number {
    return this.#highest;
  }

  get count(): number {
    return this.#count;
  }

  /** Of the typed arrays, for measuring. */
  get bytes(): number {
    return (
      this.#offsets.byteLength + this.#hashes.byteLength + this.#marks.byteLength + this.#slots.byteLength
    );
  }

  has(id: number): boolean {
    return this.offset(id) >= 0;
  }

  /** Where the photo's newest record is; -1 for an id that is not there. */
  offset(id: number): number {
    return Number.isInteger(id) && id > 0 && id <= this.#highest ? (this.#offsets[id] ?? -1) : -1;
  }

  /** `id` is a positive integer below 2^32. */
  place(id: number, hash: number, offset: number): void {
    this.#growTo(id);
    const before = this.#offsets[id] ?? -1;
    if (before < 0) this.#count += 1;
    this.#offsets[id] = offset;
    if (id > this.#highest) this.#highest = id;
    if (before >= 0 && this.#hashes[id] === hash) return;
    this.#hashes[id] = hash;
    this.#insert(id);
  }

  /** Ids placed under this hash: nearly always none or one. The caller compares the paths. */
  candidates(hash: number): number[] {
    const mask = this.#slots.length - 1;
    const found: number[] = [];
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const id = this.#slots[slot] ?? 0;
      if (this.#hashes[id] === hash && !found.includes(id)) found.push(id);
    }
    return found;
  }

  mark(id: number, marked: boolean): void {
    this.#marks[id] = marked ? 1 : 0;
  }

  *marked(): Generator<number> {
    for (let id = 1; id <= this.#highest; id++) {
      if (this.#marks[id] === 1) yield id;
    }
  }

  #insert(id: number): void {
    if ((this.#usedSlots + 1) * 4 > this.#slots.length * 3) this.#rehash();
    else this.#put(id);
  }

  #put(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[id] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id;
    this.#usedSlots += 1;
  }

  /** Puts every id in once, which drops stale slots; the table is then at most half full. */
  #rehash(): void {
    let length = 2048;
    while (this.#count * 2 > length) length *= 2;
    this.#slots = new Uint32Array(length);
    this.#usedSlots = 0;
    for (let id = 1; id <= this.#highest; id++) if (this.has(id)) this.#put(id);
  }

  #growTo(id: number): void {
    const capacity = this.#offsets.length;
    if (id < capacity) return;
    const next = Math.max(id + 1, Math.ceil(capacity * 1.5));
    const offsets = new Float64Array(next).fill(-1, capacity);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    const hashes = new Uint32Array(next);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const marks = new Uint8Array(next);
    marks.set(this.#marks);
    this.#marks = marks;
  }
}

/** FNV-1a over UTF-16 code units with a final mix, 32 bits unsigned (Fowler, Noll, Vo; mix of MurmurHash3). */
export function toPathHash(path: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < path.length; index++) {
    hash = Math.imul(hash ^ path.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
