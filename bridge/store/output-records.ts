/**
 * What each output was last made from, one append log per output folder in the data folder, for the policy `if-changed`.
 * Losing a record only costs a render. Never writes into the photographer's folders.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { OutputRecord } from '../batch/output-ports.ts';
import { foldName } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { type AppendLog, openAppendLog } from './append-log.ts';
import { OpenCache } from './open-cache.ts';

const MAX_OPEN = 4;
const recordSchema = z.object({
  name: z.string(),
  source_sha256: z.string(),
  recipe_hash: z.string(),
  output_sha256: z.string(),
  bytes: z.number(),
  made_by: z.string().exactOptional(),
});

export type OutputRecords = {
  read(folder: string, name: string): Promise<OutputRecord | null>;
  /** The latest record of this name in any mixture of upper and lower case. */
  readAnyCase(folder: string, name: string): Promise<NamedRecord | null>;
  save(folder: string, name: string, record: OutputRecord): Promise<void>;
  close(): Promise<void>;
};
export type NamedRecord = { name: string; record: OutputRecord };

export function createOutputRecords(dataFolder: string, log: Log): OutputRecords {
  const cache = new OpenCache(MAX_OPEN, (folder) => FolderRecords.open(dataFolder, folder, log));
  return {
    read: (folder, name) => cache.use(folder, (records) => records.read(name)),
    readAnyCase: (folder, name) => cache.use(folder, (records) => records.readAnyCase(name)),
    save: (folder, name, record) => cache.use(folder, (records) => records.save(name, record)),
    close: () => cache.close(),
  };
}

/** Memory: number to number maps; names stay on disk. Two names of one hash share a place, the later record wins. */
class FolderRecords {
  readonly #log: AppendLog;
  /** By the hash of the name, and by that of its folded form. */
  readonly #offsets: Offsets;

  private constructor(log: AppendLog, offsets: Offsets) {
    this.#log = log;
    this.#offsets = offsets;
  }

  static async open(dataFolder: string, folder: string, log: Log): Promise<FolderRecords> {
    const offsets: Offsets = { exact: new Map(), folded: new Map() };
    const file = `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.log`;
    const onRecord = (payload: unknown, offset: number) => {
      if (typeof payload === 'object' && payload !== null && 'name' in payload)
        place(offsets, String(payload.name), offset);
    };
    const onDamage = async (path: string, range: { start: number; end: number }, reason: string) => {
      log.warn(
        { path, ...range, reason },
        'A log of output records is damaged: its photos are rendered again',
      );
    };
    return new FolderRecords(await openAppendLog(join(dataFolder, file), onRecord, { onDamage }), offsets);
  }

  async read(name: string): Promise<OutputRecord | null> {
    const found = await this.#at(this.#offsets.exact.get(crc32(name)));
    return found?.name === name ? found.record : null;
  }

  async readAnyCase(name: string): Promise<NamedRecord | null> {
    const found = await this.#at(this.#offsets.folded.get(crc32(foldName(name))));
    return found !== null && foldName(found.name) === foldName(name) ? found : null;
  }

  async #at(offset: number | undefined): Promise<NamedRecord | null> {
    if (offset === undefined) return null;
    const parsed = recordSchema.safeParse(await this.#log.read(offset));
    if (!parsed.success) return null;
    const { name, ...record } = parsed.data;
    return { name, record };
  }

  async save(name: string, record: OutputRecord): Promise<void> {
    const [offset] = await this.#log.append([{ name, ...record }]);
    if (offset !== undefined) place(this.#offsets, name, offset);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

type Offsets = { exact: Map<number, number>; folded: Map<number, number> };

function place({ exact, folded }: Offsets, name: string, offset: number): void {
  exact.set(crc32(name), offset);
  folded.set(crc32(foldName(name)), offset);
}
