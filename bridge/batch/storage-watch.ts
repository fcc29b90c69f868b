/** Batches held because their output cannot be written: looks every few seconds whether it can be again, then lifts the hold. */
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { isTerminal } from './machine.ts';

const LOOK_MS = 3000;

export class StorageWatch {
  readonly #core: Core;
  readonly #lifecycle: Lifecycle;
  #timer: NodeJS.Timeout | null = null;

  constructor(core: Core, lifecycle: Lifecycle) {
    this.#core = core;
    this.#lifecycle = lifecycle;
  }

  open(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #look(): Promise<void> {
    for (const batch of this.#core.registry.open()) {
      if (!batch.holds.some((hold) => hold.owner === 'storage')) continue;
      await this.#probe(batch).catch((thrown: unknown) => {
        this.#core.log.warn({ batch_id: batch.id, error: toError(thrown).message }, 'storage probe failed');
      });
    }
  }

  async #probe(batch: Batch): Promise<void> {
    if (isTerminal(batch.status)) return;
    const failure = await openRun(this.#core, batch).ready();
    if (failure === null) await this.#lifecycle.lift(batch, 'storage');
  }
}
