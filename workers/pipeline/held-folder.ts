/**
 * Keeps hold of the folder of an output while it is written, so that a link put in the place of any part of its path meanwhile leads
 * nothing elsewhere. Decides nothing about what is in it.
 */
import { closeSync, constants, existsSync, openSync } from 'node:fs';

const DESCRIPTORS = '/proc/self/fd';
const canHold = process.platform === 'linux' && existsSync(DESCRIPTORS);

/**
 * Calls `work` with a path to the folder that stays the same folder whatever becomes of its name (Linux: through the open descriptor,
 * proc(5)); elsewhere with the path as it is. Throws the system's errors when the folder cannot be opened.
 */
export function withHeldFolder<T>(folder: string, work: (held: string) => T): T {
  if (!canHold) return work(folder);
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return work(`${DESCRIPTORS}/${descriptor}`);
  } finally {
    closeSync(descriptor);
  }
}
