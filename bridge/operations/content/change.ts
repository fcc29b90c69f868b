/** The three changes: their names, what they do to a record and what is said of it. Pure. */
import type { contentOperationTypes } from '../../contract/index.ts';
import type { ContentRecord } from './record.ts';

export type OperationType = (typeof contentOperationTypes)[number];

export type MetadataUpdates = Readonly<Record<string, string | boolean | number>>;

/** What `updatePayload` of the operation document holds. */
export type ContentChange =
  | { operationType: 'update-price'; updatePayload: { newPrice: number } }
  | { operationType: 'remove'; updatePayload: { removalReason: string } }
  | { operationType: 'update-metadata'; updatePayload: MetadataUpdates };

export const DEFAULT_REMOVAL_REASON = 'Batch removal by creator';
export const NOT_FOUND = 'Content not found or not owned by creator';

export const initiated: Readonly<Record<OperationType, string>> = {
  'update-price': 'Batch price update initiated',
  remove: 'Batch removal initiated',
  'update-metadata': 'Batch metadata update initiated',
};

/** Ownership: addresses are compared exactly. */
export function isOwnedBy(record: ContentRecord, creator: string): boolean {
  return record.creator === creator;
}

/** The record after the change. Removal is soft, and one that is removed keeps its first date and reason. `at`: ISO UTC. */
export function applyChange(record: ContentRecord, change: ContentChange, at: string): ContentRecord {
  switch (change.operationType) {
    case 'update-price':
      return { ...record, price: change.updatePayload.newPrice };
    case 'remove':
      if (record.isRemoved === true) return record;
      return { ...record, isRemoved: true, removedAt: at, removalReason: change.updatePayload.removalReason };
    case 'update-metadata':
      return { ...record, ...change.updatePayload };
  }
}

export function toDoneMessage(change: ContentChange): string {
  switch (change.operationType) {
    case 'update-price':
      return `Price updated to ${change.updatePayload.newPrice} STX`;
    case 'remove':
      return 'Content removed';
    case 'update-metadata':
      return `Metadata updated: ${Object.keys(change.updatePayload).join(', ')}`;
  }
}
