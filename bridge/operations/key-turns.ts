/** Lets work on the same keys happen one after the other, and all else at the same time. */

export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** In order of calling. The places in the queues are taken before this returns, so two calls never wait for each other. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    const turn = Promise.all(before).then(work);
    const end = turn.then(
      () => {},
      () => {},
    );
    for (const key of keys) this.#last.set(key, end);
    void end.then(() => {
      for (const key of keys) if (this.#last.get(key) === end) this.#last.delete(key);
    });
    return turn;
  }
}
