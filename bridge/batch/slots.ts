/** Counted places for running units. Waiters are served in order; one whose batch stopped running leaves empty-handed. */
type Waiter = { wanted: () => boolean; resolve: (granted: boolean) => void };

export class Slots {
  readonly #limit: () => number;
  readonly #waiters: Waiter[] = [];
  #used = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** True: a place is taken until `release`. False: `wanted` no longer holds. */
  acquire(wanted: () => boolean): Promise<boolean> {
    if (!wanted()) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiters.push({ wanted, resolve });
      // Where all are taken, those who wait are not asked again for each newcomer.
      if (this.#used < this.#limit()) this.review();
    });
  }

  release(): void {
    this.#used -= 1;
    this.review();
  }

  /** To be called when the limit rose or a batch stopped running. */
  review(): void {
    for (let index = 0; index < this.#waiters.length; ) {
      const waiter = this.#waiters[index];
      if (waiter === undefined) return;
      const wanted = waiter.wanted();
      if (wanted && this.#used >= this.#limit()) {
        index += 1;
        continue;
      }
      this.#waiters.splice(index, 1);
      if (wanted) this.#used += 1;
      waiter.resolve(wanted);
    }
  }
}
