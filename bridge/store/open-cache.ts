/** Keeps the last few things open that are costly to open (files with an index), and closes the least recently used. */

type Closable = { close(): Promise<void> };
type Entry<T> = { opened: Promise<T>; users: number; idle: (() => void)[] };

export class OpenCache<T extends Closable> {
  readonly #max: number;
  readonly #open: (key: string) => Promise<T>;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry<T>>();
  /** Being closed: a new opening of the same key waits, so that one file is never open twice. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(max: number, open: (key: string) => Promise<T>) {
    this.#max = max;
    this.#open = open;
  }

  /** Runs `step` with the thing open. Things in use are never closed, even above the limit. */
  async use<R>(key: string, step: (thing: T) => Promise<R>): Promise<R> {
    const entry = this.#entries.get(key) ?? { opened: this.#openLater(key), users: 0, idle: [] };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      const thing = await entry.opened.catch((thrown: unknown) => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        throw thrown;
      });
      return await step(thing);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) for (const tell of entry.idle.splice(0)) tell();
      this.#trim();
    }
  }

  /** Closes it once nobody uses it. */
  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#close(key, entry);
    await this.#closing.get(key);
  }

  async close(): Promise<void> {
    for (const [key, entry] of [...this.#entries]) this.#close(key, entry);
    await Promise.all(this.#closing.values());
  }

  #openLater(key: string): Promise<T> {
    const closing = this.#closing.get(key);
    return closing === undefined ? this.#open(key) : closing.then(() => this.#open(key));
  }

  #trim(): void {
    for (const [key, entry] of [...this.#entries]) {
      if (this.#entries.size <= this.#max) return;
      if (entry.users === 0) this.#close(key, entry);
    }
  }

  #close(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    const before = this.#closing.get(key) ?? Promise.resolve();
    const done = before
      .then(() => closeWhenIdle(entry))
      .finally(() => {
        if (this.#closing.get(key) === done) this.#closing.delete(key);
      });
    this.#closing.set(key, done);
  }
}

async function closeWhenIdle<T extends Closable>(entry: Entry<T>): Promise<void> {
  if (entry.users > 0) await new Promise<void>((resolve) => entry.idle.push(resolve));
  const thing = await entry.opened.catch(() => null);
  await thing?.close().catch(() => {});
}
