/** Which inventories the batches are over, and what of their results the files still lack. Reads what is on disk, changes nothing. */
import type { BatchView, ItemInputs } from '../../batch/ports.ts';
import type { ItemDetails } from '../../contract/index.ts';
import type { Inventory } from './inventory.ts';
import { inChunks, type ListingItem, toKeptItem } from './listing-item.ts';
import { isPosted, isSelected, isUnconfirmed } from './status.ts';

export type BatchName = { id: string; total: number };
export type StatusOfItem = { item: ListingItem; status: string };

export class BatchFiles {
  readonly #inputs: ItemInputs;
  readonly #known = new Map<string, readonly string[]>();

  constructor(inputs: ItemInputs) {
    this.#inputs = inputs;
  }

  /** Real paths; more than one only of a batch that others were merged into. */
  async of({ id, total }: BatchName): Promise<readonly string[]> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const files = new Set<string>();
    for await (const indices of inChunks(Array(total).keys())) {
      const found = await this.#inputs.read(id, indices);
      for (const input of found.values()) {
        const file = toKeptItem(input)?.item.file;
        if (file !== undefined) files.add(file);
      }
    }
    const all = [...files];
    this.#known.set(id, all);
    return all;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  /** The statuses that the batch's results say this file has. */
  async statuses(batch: Pick<BatchView, 'id' | 'results'>, path: string): Promise<StatusOfItem[]> {
    const statuses: StatusOfItem[] = [];
    for await (const results of inChunks(batch.results())) {
      const found = await this.#inputs.read(
        batch.id,
        results.map(({ i }) => i),
      );
      for (const { i, s, d } of results) {
        const item = toKeptItem(found.get(i))?.item;
        const status = toStatusUpdate(d);
        if (item?.file === path && status !== null && s !== 'skipped') statuses.push({ item, status });
      }
    }
    return statuses;
  }
}

function toStatusUpdate(details: ItemDetails | undefined): string | null {
  const status = details?.status_update;
  return typeof status === 'string' ? status : null;
}

/**
 * Whether a status of before a crash must be written again. What the user wrote meanwhile stays, unless the row would be
 * posted a second time for it.
 */
export function isLost(inventory: Inventory, { item, status }: StatusOfItem): boolean {
  const current = inventory.find(item)?.record.posting_status;
  if (current === undefined || current === status) return false;
  const isFinal = isPosted(status) || isUnconfirmed(status);
  return current === item.record.posting_status || (isFinal && isSelected(current, 'new'));
}
