/** Which neighbouring items of a batch go together (all images of a post). Knows places, not what they mean. */

export class Units {
  /** Items of each unit, in order. */
  readonly sizes: readonly number[];
  readonly #starts: Uint32Array;

  /** Throws RangeError when the sizes do not add up to `total`. */
  constructor(sizes: readonly number[], total: number) {
    this.sizes = sizes;
    this.#starts = new Uint32Array(sizes.length);
    let start = 0;
    for (const [unit, size] of sizes.entries()) {
      this.#starts[unit] = start;
      start += size;
    }
    if (start !== total) throw new RangeError(`units of ${start} items in a batch of ${total}`);
  }

  /** All items of the unit this one is in, in order. */
  membersOf(index: number): number[] {
    const unit = this.#find(index);
    const start = this.#starts[unit] ?? index;
    return Array.from({ length: this.sizes[unit] ?? 0 }, (_, offset) => start + offset);
  }

  /** The last unit that begins at or before the item. */
  #find(index: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
