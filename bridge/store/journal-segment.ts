/** One segment file of the journal: its name, its header record, writing to it. Never decides when to begin another. */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type OpenFile, PRIVATE_FILE, removeIfThere, SAFE_FLAGS, syncFolder, writeAll } from './disk.ts';
import { createFraming, type Framing } from './journal-record.ts';

export const JOURNAL_FORMAT = 1;
const NAME = /^(\d{8,15})\.log$/;

/** First record of a segment. `seq` and `crc` are those of the last record before it, so that segments form a chain. */
const headerSchema = z.object({
  k: z.literal('segment'),
  format: z.int(),
  id: z.int(),
  seq: z.int(),
  crc: z.int(),
  /** Seq of the last record before it when the numbers between are left out on purpose (see `Journal.raiseSeq`). */
  from: z.int().exactOptional(),
});
export type SegmentHeader = z.infer<typeof headerSchema>;

export function toSegmentName(id: number): string {
  return `${String(id).padStart(8, '0')}.log`;
}

/** The id in a file name, or null. */
export function parseSegmentName(name: string): number | null {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function segmentFraming(id: number): Framing {
  return createFraming(`journal ${id}`);
}

/** The header and the offset behind it; null when the first record is no header of this segment. */
export function parseHeader(bytes: Buffer, id: number): { header: SegmentHeader; end: number } | null {
  const record = segmentFraming(id).parse(bytes, 0);
  if (record.kind !== 'record') return null;
  const parsed = headerSchema.safeParse(JSON.parse(bytes.toString('utf8', record.start, record.end)));
  return parsed.success && parsed.data.id === id ? { header: parsed.data, end: record.next } : null;
}

/** The segment being written. After one failed write or sync it must not be used again. */
export class OpenSegment {
  readonly id: number;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #framing: Framing;
  readonly #headerSize: number;
  #size: number;
  #failed = false;

  private constructor(parts: {
    id: number;
    path: string;
    handle: FileHandle;
    framing: Framing;
    size: number;
  }) {
    this.id = parts.id;
    this.path = parts.path;
    this.#handle = parts.handle;
    this.#framing = parts.framing;
    this.#headerSize = parts.size;
    this.#size = parts.size;
  }

  /** Creates the file; when this resolves, name and header are on disk. When it rejects, the file is gone again if possible. */
  static async create(
    open: OpenFile,
    folder: string,
    id: number,
    last: { seq: number; crc: number; from?: number },
  ): Promise<OpenSegment> {
    const path = join(folder, toSegmentName(id));
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFE_FLAGS;
    const handle = await open(path, flags, PRIVATE_FILE);
    try {
      const framing = segmentFraming(id);
      const header: SegmentHeader = { k: 'segment', format: JOURNAL_FORMAT, id, ...last };
      const { bytes } = framing.encode(last.seq, Buffer.from(JSON.stringify(header)));
      await writeAll(handle, bytes, 0);
      await handle.sync();
      await syncFolder(folder);
      return new OpenSegment({ id, path, handle, framing, size: bytes.length });
    } catch (thrown) {
      await handle.close().catch(() => {});
      await removeIfThere(path).catch(() => false);
      throw thrown;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** No record in it was ever acknowledged. */
  get isEmpty(): boolean {
    return this.#size === this.#headerSize;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Writes and syncs. Answers the CRC of the last record. */
  async write(jsons: readonly Buffer[], firstSeq: number): Promise<number> {
    let crc = 0;
    const lines = jsons.map((json, index) => {
      const line = this.#framing.encode(firstSeq + index, json);
      crc = line.crc;
      return line.bytes;
    });
    const bytes = lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines);
    try {
      await writeAll(this.#handle, bytes, this.#size);
      await this.#handle.datasync();
    } catch (thrown) {
      this.#failed = true;
      // What was not acknowledged here must not be found here if the process dies before the next segment is there.
      await this.#handle.truncate(this.#size).catch(() => {});
      throw thrown;
    }
    this.#size += bytes.length;
    return crc;
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }
}
