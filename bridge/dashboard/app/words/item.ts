/** What an item is called, and whether there is a picture of it. Pure. */
import type { BatchStatusObject, ItemResult } from '../../../client/index.ts';
import { toFileName } from './paths.ts';

/** Its file, else the caller's own id, else its number. */
export function toItemName({ path, ref, photo_id }: ItemResult): string {
  if (path !== null) return toFileName(path);
  return ref === undefined ? `No. ${photo_id}` : String(ref);
}

/** Only items of `develop` are photos of the catalog; and there is none of a file that nobody could read. */
export function hasPicture(
  { path, failure }: ItemResult,
  operation: BatchStatusObject['operation'],
): boolean {
  const isUnreadable = failure?.stage === 'read' || failure?.stage === 'decode';
  return operation === 'develop' && path !== null && !isUnreadable;
}
