/** When the daily cleanup last ran, in one small file. A disk that refuses costs the memory of it, nothing else. */
import { readFile } from 'node:fs/promises';
import { toError } from '../errors.ts';
import type { Log } from '../log.ts';
import { writeAtomically } from './atomic-write.ts';

export type CleanupMark = {
  /** Wall ms; null when it never ran or nobody remembers. Never rejects. */
  load(): Promise<number | null>;
  /** Never rejects. */
  save(wallMs: number): Promise<void>;
};

export function createCleanupMark(path: string, log: Log): CleanupMark {
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const time = Date.parse(text.trim());
      return Number.isNaN(time) ? null : time;
    },
    async save(wallMs) {
      const pieces = [Buffer.from(`${new Date(wallMs).toISOString()}\n`)];
      await writeAtomically({ path, pieces, sync: false }).catch((thrown: unknown) => {
        log.warn({ error: toError(thrown).message }, 'the time of the daily cleanup was not noted');
      });
    },
  };
}
