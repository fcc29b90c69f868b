/**
 * Bytes kept aside on the disk of the data folder, so that what has already happened can still be recorded when that disk is
 * full. Knows nothing of what is written in their place.
 */
import { randomFillSync } from 'node:crypto';
import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  CREATE_NEW,
  type OpenFile,
  openFile,
  PRIVATE_FILE,
  removeIfThere,
  SAFE_FLAGS,
  syncFolder,
  writeAll,
} from './disk.ts';

/** Room for some 20,000 results. */
export const RESERVE_BYTES = 4 * 1024 * 1024;
const PIECE = 256 * 1024;

export type Reserve = {
  readonly bytes: number;
  /** Puts the bytes aside unless they are. Rejects with the system's error when there is no room for them. */
  fill(): Promise<void>;
  /** Gives their room back. False when there were none. */
  release(): Promise<boolean>;
};

/** `path`: of the file that holds them, in a folder that exists. */
export function createReserve(
  path: string,
  options: { bytes?: number | undefined; open?: OpenFile | undefined } = {},
): Reserve {
  const { bytes = RESERVE_BYTES, open = openFile } = options;
  const temp = `${path}.tmp`;
  return {
    bytes,
    async fill() {
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size >= bytes) return;
      await removeIfThere(temp);
      try {
        const handle = await open(temp, CREATE_NEW | SAFE_FLAGS, PRIVATE_FILE);
        try {
          // Random, so that no file system stores them as nothing.
          const piece = randomFillSync(Buffer.allocUnsafe(Math.min(PIECE, bytes)));
          for (let at = 0; at < bytes; at += piece.length)
            await writeAll(handle, piece.subarray(0, bytes - at), at);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temp, path);
      } catch (thrown) {
        await removeIfThere(temp).catch(() => false);
        throw thrown;
      }
    },
    async release() {
      await removeIfThere(temp).catch(() => false);
      if (!(await removeIfThere(path).catch(() => false))) return false;
      // Some file systems free the room only when the removal itself is on disk.
      await syncFolder(dirname(path)).catch(() => undefined);
      return true;
    },
  };
}
