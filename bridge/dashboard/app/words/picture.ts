/** Whether a picture of an item can be asked for: not of a file that nobody could read. Pure. */
import type { ItemResult } from '../../../client/index.ts';

export function hasPicture({ path, failure }: ItemResult): boolean {
  return path !== null && failure?.stage !== 'read' && failure?.stage !== 'decode';
}
