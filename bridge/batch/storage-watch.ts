/**
 * Batches held because their output cannot be written, and batches whose end could not be recorded: looks every few
 * seconds whether it can be now.
 */
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';

const LOOK_MS = 3000;

export class StorageWatch {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  /** Output folders being looked at: a drive that hangs must not gather one look after the other. */
  readonly #looking = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(core: Core, lifecycle: Lifecycle) {
    this.#core = core;
    this.#lifecycle = lifecycle;
  }

  open(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const held = new Map<string, Batch[]>();
    for (const batch of this.#core.registry.open()) {
      if (!this.#core.lanes.has(batch.operation)) continue;
      this.#lifecycle.itemEnded(batch);
      if (!batch.holds.some((hold) => hold.owner === 'storage')) continue;
      const folder = openRun(this.#core, batch).folder ?? batch.id;
      held.set(folder, [...(held.get(folder) ?? []), batch]);
    }
    for (const [folder, batches] of held) {
      if (this.#looking.has(folder)) continue;
      this.#looking.add(folder);
      this.#probe(batches)
        .catch((thrown: unknown) => {
          this.#core.log.warn({ folder, error: toError(thrown).message }, 'storage probe failed');
        })
        .finally(() => this.#looking.delete(folder));
    }
  }

  /** Batches of one folder: what one of them finds is true for all. */
  async #probe(batches: readonly Batch[]): Promise<void> {
    const [first] = batches;
    if (first === undefined || (await openRun(this.#core, first).ready()) !== null) return;
    for (const batch of batches) await this.#lifecycle.liftStorage(batch);
  }
}
