/**
 * Keeps the pixels of the photos in flight within a budget of bytes. Every task may hold a share of it, which is enough for an
 * ordinary photo; one that turns out to be larger waits until the others leave room, and one larger than the budget runs
 * alone. Counts only, allocates nothing.
 *
 * While a large one waits it holds nothing (its pixels do not exist yet) and nothing new begins, so that it gets its turn and
 * two of them never wait for each other.
 */
type Holder = { bytes: number };
type Large = { holder: Holder; bytes: number; grant: () => void };
type Beginner = { holder: Holder; begin: () => void };

export class MemoryBudget {
  readonly #bytes: number;
  /** Bytes a task may have without asking. */
  readonly share: number;
  readonly #holders = new Set<Holder>();
  readonly #large: Large[] = [];
  readonly #beginners: Beginner[] = [];

  /** `places`: tasks that can run at once; each has an equal share. */
  constructor(bytes: number, places: number) {
    this.#bytes = bytes;
    this.share = Math.floor(bytes / places);
  }

  /** Bytes that are granted now. */
  get held(): number {
    return [...this.#holders].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** `begin` is called once the task may begin, perhaps at once. Its grant is to be ended in any case. */
  ask(begin: () => void): Grant {
    const holder = { bytes: 0 };
    this.#beginners.push({ holder, begin });
    this.#review();
    return {
      grow: (bytes, grant) => this.#grow(holder, bytes, grant),
      end: () => {
        this.#holders.delete(holder);
        drop(this.#beginners, holder);
        drop(this.#large, holder);
        this.#review();
      },
    };
  }

  #grow(holder: Holder, bytes: number, grant: () => void): void {
    if (bytes <= holder.bytes) {
      grant();
      return;
    }
    holder.bytes = 0;
    this.#large.push({ holder, bytes: Math.min(bytes, this.#bytes), grant });
    this.#review();
  }

  #review(): void {
    for (let first = this.#large[0]; first !== undefined; first = this.#large[0]) {
      if (this.held + first.bytes > this.#bytes) return;
      this.#large.shift();
      first.holder.bytes = first.bytes;
      first.grant();
    }
    while (this.#beginners.length > 0 && this.held + this.share <= this.#bytes) {
      const next = this.#beginners.shift();
      if (next === undefined) return;
      next.holder.bytes = this.share;
      this.#holders.add(next.holder);
      next.begin();
    }
  }
}

export type Grant = {
  /** The photo's pixels take so many bytes: `grant` is called once they may, perhaps at once. Once a task. */
  grow(bytes: number, grant: () => void): void;
  end(): void;
};

function drop(queue: { holder: Holder }[], holder: Holder): void {
  const index = queue.findIndex((waiting) => waiting.holder === holder);
  if (index !== -1) queue.splice(index, 1);
}
