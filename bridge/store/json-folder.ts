/** A folder of small JSON files that are replaced whole. Knows nothing of their content. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-write.ts';
import { createPrivateFolder, errorCode, removeIfThere, syncFolder, toDiskError } from './disk.ts';
import type { Quarantine } from './quarantine.ts';
import { readRegularFile } from './read-regular-file.ts';

export type JsonFolder = ReturnType<typeof createJsonFolder>;
export type FoundJson = { file: string; text: string } | { file: string; problem: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `maxBytes`: a larger file is not read. The folder is made (0700) with the first file. */
export function createJsonFolder(folder: string, maxBytes: number, quarantine: Quarantine) {
  async function read(file: string): Promise<FoundJson> {
    const path = join(folder, file);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (size > maxBytes) return { file, problem: `${size} bytes; it may have at most ${maxBytes}` };
    const bytes = readRegularFile(path);
    if (bytes === null) return { file, problem: 'gone' };
    if (typeof bytes === 'string') return { file, problem: bytes };
    try {
      return { file, text: utf8.decode(bytes) };
    } catch {
      return { file, problem: 'not UTF-8' };
    }
  }
  return {
    /** All `.json` files in it, in order of their names; none when there is no folder. Never rejects. */
    async load(): Promise<FoundJson[]> {
      const names = await readdir(folder).catch(() => []);
      // Left by a write that a crash cut short.
      for (const name of names.filter((each) => each.endsWith('.json.tmp')))
        await removeIfThere(join(folder, name)).catch(() => false);
      return Promise.all(
        names
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map(read),
      );
    },
    /** Durable when resolved. Throws BridgeError `read_only` or `disk_full`; the old file is then still there. */
    async save(file: string, text: string): Promise<void> {
      try {
        await createPrivateFolder(folder);
        await writeAtomically({ path: join(folder, file), pieces: [Buffer.from(text)], sync: true });
      } catch (thrown) {
        throw toDiskError(thrown);
      }
    },
    /** Durable when resolved; missing is fine. Throws BridgeError `read_only`. */
    async remove(file: string): Promise<void> {
      try {
        if (await removeIfThere(join(folder, file))) await syncFolder(folder);
      } catch (thrown) {
        if (errorCode(thrown) !== 'ENOENT') throw toDiskError(thrown);
      }
    },
    /** Answers its name in the quarantine, or null when it could not be moved. */
    setAside: (file: string, reason: string): string | null => quarantine.move(join(folder, file), reason),
  };
}
