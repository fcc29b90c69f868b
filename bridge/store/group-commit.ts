/**
 * Groups what waits into one flush: while one runs, the next group gathers. No timer; never reorders.
 * Knows nothing of files.
 */

type Waiting<T, R> = { item: T; resolve(result: R): void; reject(reason: Error): void };

export class GroupCommit<T, R> {
  readonly #flush: (items: T[]) => Promise<R[]>;
  #waiting: Waiting<T, R>[] = [];
  #running: Promise<void> | null = null;

  /** `flush` makes a group durable and answers one result an item; when it rejects, the whole group does. */
  constructor(flush: (items: T[]) => Promise<R[]>) {
    this.#flush = flush;
  }

  /** Resolves in call order. */
  add(item: T): Promise<R> {
    const promise = new Promise<R>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
    });
    this.#running ??= this.#run();
    return promise;
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // Calls of the same tick belong to the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#flush(group.map((one) => one.item));
        group.forEach((one, index) => {
          one.resolve(results[index] as R);
        });
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown : new Error(String(thrown));
        for (const one of group) one.reject(reason);
      }
    }
    this.#running = null;
  }
}
