/** Writes and removes the state files of batches, with checksum and backup. Knows no batch rules and reads nothing back. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { BridgeError } from '../errors.ts';
import { copyAtomically, syncFile, writeAtomically } from './atomic-write.ts';
import { createPrivateFolder, type OpenFile, removeIfThere, syncFolder, toDiskError } from './disk.ts';
import { toHex } from './journal-record.ts';

/** Bytes gathered before a write. */
const PIECE = 128 * 1024;
const SAFE_ID = /^batch_[0-9a-zA-Z_-]{1,64}$/;

export function isBatchFileId(id: string): boolean {
  return SAFE_ID.test(id);
}

/** Throws BridgeError `internal` for an id that could name a file elsewhere. */
export function toBatchFile(folder: string, batchId: string, extension: string): string {
  if (!isBatchFileId(batchId)) throw new BridgeError('internal', 'Not a batch id', { batch_id: batchId });
  return join(folder, `${batchId}${extension}`);
}

export type SnapshotFiles = {
  save(batchId: string, chunks: Iterable<string>, options: { sync: boolean }): Promise<void>;
  /** The backup goes first: what a crash leaves is the newest file or nothing. Durable when resolved. */
  remove(batchId: string): Promise<void>;
};

export function createSnapshotFiles(folder: string, open?: OpenFile): SnapshotFiles {
  /** Whether the main file was synced by this process. Only a synced file may displace the backup. */
  const synced = new Map<string, boolean>();
  return {
    async save(batchId, chunks, { sync }) {
      const path = toBatchFile(folder, batchId, '.json');
      try {
        await createPrivateFolder(folder);
        const known = synced.get(batchId);
        if (known === undefined) await syncFile(path, open);
        const backup = known === false ? undefined : `${path}.bak`;
        await writeAtomically({ path, pieces: toPieces(chunks), sync, backup, open });
        // Once the journal no longer has the batch, one damaged byte must not be the end of it.
        if (sync && known !== true) await keepFirstBackup(path);
        synced.set(batchId, sync);
      } catch (thrown) {
        throw toDiskError(thrown);
      }
    },
    async remove(batchId) {
      const path = toBatchFile(folder, batchId, '.json');
      synced.delete(batchId);
      await removeIfThere(`${path}.bak`);
      await removeIfThere(path);
      // Also when nothing was there: an earlier call may have been cut short right before its sync.
      await syncFolder(folder);
    },
  };
}

/** A batch saved for the first time has no older file. A disk that refuses may have it so: the next save brings one. */
async function keepFirstBackup(path: string): Promise<void> {
  const backup = `${path}.bak`;
  const isThere = await lstat(backup).then(
    () => true,
    () => false,
  );
  if (!isThere) await copyAtomically(path, backup).catch(() => undefined);
}

/** The chunks as bytes, closed by the checksum over all bytes before its comma. */
function* toPieces(chunks: Iterable<string>): Generator<Buffer> {
  let crc = 0;
  let text = '';
  for (const chunk of chunks) {
    text += chunk;
    if (text.length < PIECE) continue;
    const bytes = Buffer.from(text);
    crc = crc32(bytes, crc);
    text = '';
    yield bytes;
  }
  const rest = Buffer.from(text);
  crc = crc32(rest, crc);
  yield Buffer.concat([rest, Buffer.from(`,\n  "_sum": "${toHex(crc)}"\n}\n`)]);
}
