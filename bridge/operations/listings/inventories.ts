/**
 * The inventories that batches have open: one batch at a time has one, from its first row until it rests. Saves them, says
 * why a batch cannot go on with one, and takes up what another program changed. Posts nothing.
 */
import { basename } from 'node:path';
import type { BatchView, ItemInputs } from '../../batch/ports.ts';
import { BridgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { BatchFiles, type BatchName, isLost } from './batch-files.ts';
import type { InventoryRow } from './columns.ts';
import { type Inventory, openInventory, type SaveEnd, type SaveFault } from './inventory.ts';
import type { ListingItem } from './listing-item.ts';

export type InventoriesParts = {
  inputs: ItemInputs;
  log: Log;
  /** Batches of this operation that have not ended. Absent: there is never another one. */
  unended?: () => Iterable<BatchName>;
};

/** `sheet`: of its config. */
export type InventoryBatch = Pick<BatchView, 'id' | 'total' | 'results'> & { sheet: string | undefined };

/** `seen`: hash of the file as another program left it, at the last look. `isOver`: its batch has ended, and it could not be saved. */
type Opened = {
  batchId: string;
  inventory: Inventory;
  sinceSave: number;
  fault: SaveFault | null;
  seen: string | null;
  /** Monotonic ms. */
  lookedAt: number;
  isOver: boolean;
};

/** Rows that follow each other faster than that share a look at the file. */
const LOOK_MS = 250;

export class Inventories {
  readonly #parts: InventoriesParts;
  readonly #files: BatchFiles;
  readonly #opened = new Map<string, Opened>();
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Records whose row was gone when their status was to be written. */
  readonly #missed = new Set<string>();

  constructor(parts: InventoriesParts) {
    this.#parts = parts;
    this.#files = new BatchFiles(parts.inputs);
  }

  /** `path`: real. Rejects with BridgeError `conflict` while a batch that has not ended is over this file. */
  async checkFree(path: string): Promise<void> {
    for (const batch of this.#parts.unended?.() ?? []) {
      if ((await this.#files.of(batch)).includes(path)) throw inUse(path, batch.id);
    }
    const left = this.#opened.get(path);
    if (left === undefined) return;
    const fault = await this.#inTurn(path, () => this.#putAway(path, left));
    if (fault !== null) throw new BridgeError('conflict', fault.message);
  }

  /** Opens what is not open, saves what could not be saved. Answers why the batch cannot go on, for people, or null. */
  async ready(batch: InventoryBatch): Promise<string | null> {
    for (const path of await this.#files.of(batch)) {
      const reason = await this.#inTurn(path, () => this.#ready(batch, path));
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Whether a row of this file may be posted now: else why not. What is found is looked at again by `ready`. */
  check(batch: InventoryBatch, path: string): Promise<string | null> {
    return this.#inTurn(path, async () => {
      const opened = this.#openedBy(batch, path);
      if (opened === null) return this.#ready(batch, path);
      if (opened.fault !== null) return opened.fault.message;
      if (performance.now() - opened.lookedAt < LOOK_MS) return null;
      const fault = await opened.inventory.findFault();
      note(opened, fault);
      return fault?.message ?? null;
    });
  }

  /** As it was when the file was opened. `null`: the record is not in it any more; `undefined`: the file is not open. */
  find(batch: InventoryBatch, item: ListingItem): InventoryRow | null | undefined {
    return item.file === undefined ? undefined : this.#openedBy(batch, item.file)?.inventory.find(item);
  }

  /** In memory only; comes with the next save. */
  async set(batch: InventoryBatch, item: ListingItem, status: string): Promise<void> {
    const { file } = item;
    if (file === undefined) return;
    await this.#inTurn(file, async () => this.#openedBy(batch, file)?.inventory.setStatus(item, status));
  }

  /** A row's result is durable. Saves when it is the `interval`th since the last save. */
  async settled(batch: InventoryBatch, path: string, interval: number): Promise<void> {
    await this.#inTurn(path, async () => {
      const opened = this.#openedBy(batch, path);
      if (opened === null) return;
      opened.sinceSave += 1;
      if (opened.sinceSave >= interval) await this.#save(opened);
    });
  }

  /** Of an ended batch: writes this status now. */
  async put(batch: InventoryBatch, item: ListingItem, status: string): Promise<void> {
    if (item.file === undefined) return;
    await this.ready(batch);
    await this.set(batch, item, status);
    await this.rest(batch, { isOver: true });
  }

  /** Saves and lets go. Answers why that could not be, for people: the statuses are kept then. */
  async rest(batch: InventoryBatch, { isOver }: { isOver: boolean }): Promise<string | null> {
    for (const path of await this.#files.of(batch)) {
      const reason = await this.#inTurn(path, () => this.#rest(batch, path, isOver));
      if (reason !== null) return reason;
    }
    if (isOver) this.#files.forget(batch.id);
    return null;
  }

  /** Saves all. `faults`: what could not be saved and why; `missed`: ids of records whose row was gone. */
  async close(): Promise<{ faults: string[]; missed: string[] }> {
    const ends = [...this.#opened].map(([path, opened]) =>
      this.#inTurn(path, () => this.#putAway(path, opened)),
    );
    const faults = (await Promise.all(ends)).filter((fault) => fault !== null);
    return { faults: faults.map(({ message }) => message), missed: [...this.#missed] };
  }

  async #ready(batch: InventoryBatch, path: string): Promise<string | null> {
    const opened = this.#opened.get(path);
    if (opened === undefined) return this.#open(batch, path);
    if (opened.batchId !== batch.id) {
      if (!opened.isOver) return inUse(path, opened.batchId).message;
      const fault = await this.#putAway(path, opened);
      return fault === null ? this.#open(batch, path) : fault.message;
    }
    opened.isOver = false;
    const { seen } = opened;
    const end = await this.#save(opened);
    const fault = end.ok ? await opened.inventory.findFault() : end;
    note(opened, fault);
    if (fault === null) return null;
    // What another program wrote is taken up once it has been at rest from one look to the next.
    if (fault.reason !== 'changed' || fault.hash === undefined || fault.hash !== seen) return fault.message;
    const other = await this.#putAway(path, opened);
    return other === null ? this.#open(batch, path) : other.message;
  }

  async #open(batch: InventoryBatch, path: string): Promise<string | null> {
    try {
      const statuses = await this.#files.statuses(batch, path);
      const inventory = await openInventory(path, { sheet: batch.sheet, resumed: statuses.length > 0 });
      if (inventory.path !== path) return `${path} is a link to another file now`;
      for (const lost of statuses.filter((status) => isLost(inventory, status)))
        inventory.setStatus(lost.item, lost.status);
      this.#opened.set(path, {
        batchId: batch.id,
        inventory,
        sinceSave: 0,
        fault: null,
        seen: null,
        lookedAt: performance.now(),
        isOver: false,
      });
      return null;
    } catch (thrown) {
      if (thrown instanceof BridgeError) return thrown.message;
      throw thrown;
    }
  }

  /** What a crash kept from the file is brought back first, also when the batch does not go on. */
  async #rest(batch: InventoryBatch, path: string, isOver: boolean): Promise<string | null> {
    if (this.#openedBy(batch, path) === null) {
      if (!isOver || !(await hasResults(batch))) return null;
      const reason = await this.#ready(batch, path);
      if (reason !== null) return reason;
    }
    const opened = this.#openedBy(batch, path);
    if (opened === null) return null;
    opened.isOver = isOver;
    return (await this.#putAway(path, opened))?.message ?? null;
  }

  /** Its statuses go to their own records, also in a file that was changed meanwhile. */
  async #putAway(path: string, opened: Opened): Promise<SaveFault | null> {
    const end = await this.#save(opened);
    const last = !end.ok && end.reason === 'changed' ? await this.#save(opened, { anyway: true }) : end;
    if (!last.ok) return last;
    if (this.#opened.get(path) === opened) this.#opened.delete(path);
    return null;
  }

  async #save(opened: Opened, options: { anyway?: boolean } = {}): Promise<SaveEnd> {
    opened.sinceSave = 0;
    const end = await opened.inventory.save(options);
    note(opened, end.ok ? null : end);
    const batch_id = opened.batchId;
    if (!end.ok) this.#parts.log.warn({ batch_id, reason: end.message }, 'inventory not saved');
    else if (end.missed.length > 0) {
      for (const { id } of end.missed) this.#missed.add(id);
      this.#parts.log.warn({ batch_id, count: end.missed.length }, 'rows of an inventory are gone');
    }
    return end;
  }

  #openedBy({ id }: InventoryBatch, path: string): Opened | null {
    const opened = this.#opened.get(path);
    return opened?.batchId === id ? opened : null;
  }

  /** One step at a time for each file. */
  #inTurn<T>(path: string, step: () => Promise<T>): Promise<T> {
    const mine = (this.#turns.get(path) ?? Promise.resolve()).then(step);
    const turn = mine.catch(() => undefined);
    this.#turns.set(path, turn);
    void turn.then(() => {
      if (this.#turns.get(path) === turn) this.#turns.delete(path);
    });
    return mine;
  }
}

function note(opened: Opened, fault: SaveFault | null): void {
  opened.lookedAt = performance.now();
  opened.fault = fault;
  opened.seen = fault?.hash ?? null;
}

async function hasResults(batch: InventoryBatch): Promise<boolean> {
  for await (const _result of batch.results()) return true;
  return false;
}

function inUse(path: string, batchId: string): BridgeError {
  const text = `${basename(path)} is in the hands of ${batchId}, which has not ended: cancel it, or let it end first`;
  return new BridgeError('conflict', text, { batch_id: batchId });
}
