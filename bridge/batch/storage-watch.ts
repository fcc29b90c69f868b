/**
 * Batches held because their outputs cannot be written or their photos cannot be reached, and batches whose end could not
 * be recorded: looks every few seconds whether it can be now.
 */
import type { Failure, Hold } from '../contract/index.ts';
import { toError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { type Core, openRun } from './core.ts';
import type { Lifecycle } from './lifecycle.ts';
import { findStorageFault } from './readiness.ts';

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
      this.#lifecycle.unitEnded(batch);
      if (storageHold(batch) === undefined) continue;
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

  /** Batches of one output folder: what one of them finds of the folder is true for all. */
  async #probe(batches: readonly Batch[]): Promise<void> {
    let shared: Failure | null = null;
    for (const batch of batches) {
      const failure: Failure | null = shared ?? (await findStorageFault(batch, openRun(this.#core, batch)));
      if (failure === null) await this.#lifecycle.liftStorage(batch);
      else await this.#explain(batch, failure);
      if (failure !== null && isOfOutputs(failure)) shared = failure;
    }
  }

  /** One cause may have taken the place of another. */
  async #explain(batch: Batch, { message }: Failure): Promise<void> {
    const hold = storageHold(batch);
    if (hold !== undefined && hold.reason !== message)
      await this.#lifecycle.hold(batch, { ...hold, reason: message });
  }
}

function storageHold(batch: Batch): Hold | undefined {
  return batch.holds.find((hold) => hold.owner === 'storage');
}

function isOfOutputs({ code }: Failure): boolean {
  return code === 'output_full' || code === 'output_not_writable';
}
