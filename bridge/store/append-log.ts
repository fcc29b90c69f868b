/**
 * An append-only file of CRC-checked JSON lines: group-committed appends, reads by offset, replay with a torn-tail cut.
 * Knows nothing of batches or photos; whoever opens one gives its payloads their meaning.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BridgeError, toError } from '../errors.ts';
import { rewritePrefix } from './append-log-repair.ts';
import {
  createPrivateFolder,
  type OpenFile,
  openFile,
  PRIVATE_FILE,
  SAFE_FLAGS,
  syncFolder,
  toDiskError,
  writeAll,
} from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { createFraming, type Framing } from './journal-record.ts';
import { type ByteRange, type RecordPlace, RecordScanner, type ScanResult } from './record-scanner.ts';

export interface AppendLog {
  /**
   * Appends in call order and resolves, in that order, with the offset of each record once all are on disk. Payloads
   * must survive JSON. Rejects with BridgeError `disk_full` or `read_only`; then none of them counts.
   */
  append(payloads: readonly unknown[]): Promise<number[]>;
  /** The payload at an offset; undefined when no valid record begins there. */
  read(offset: number): Promise<unknown>;
  /** As `read`, for many: neighbours share one read of the disk. Offsets without a valid record are absent. */
  readMany(offsets: readonly number[]): Promise<Map<number, unknown>>;
  /** Bytes of valid log, and the number of the last record. */
  readonly end: RecordPlace;
  close(): Promise<void>;
}

export type AppendLogOptions = {
  /** Replay begins here: an end the caller has seen before. Default, and when the file is shorter: the file's begin. */
  from?: RecordPlace;
  /**
   * Told, before a torn tail is cut or a damaged part skipped, so that the bytes can be kept elsewhere. When it
   * rejects, nothing is cut in the file (later appends overwrite the tail).
   */
  onDamage?: (path: string, range: ByteRange, reason: string) => Promise<void>;
  open?: OpenFile;
};

/** `onRecord` is called for each record in order, before this resolves. */
export type OpenAppendLog = (
  path: string,
  onRecord: (payload: unknown, offset: number) => void,
  options?: AppendLogOptions,
) => Promise<AppendLog>;

const SCOPE = 'log';
const FILE_START: RecordPlace = { offset: 0, seq: 0 };
const PIECE = 1024 * 1024;
const READ_GUESS = 1024;
/** Records nearer to each other than this are read together, up to a piece. */
const NEAR = 16 * 1024;

/** Creates the file (0600) and its folder (0700) if missing. Rejects when the file cannot be opened or is no regular file. */
export const openAppendLog: OpenAppendLog = async (path, onRecord, options = {}) => {
  const open = options.open ?? openFile;
  const folder = dirname(path);
  await createPrivateFolder(folder);
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | SAFE_FLAGS, PRIVATE_FILE);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new BridgeError('internal', 'The log is not a regular file', { path });
    if (stat.size === 0) await syncFolder(folder);
    const framing = createFraming(SCOPE);
    const given = options.from ?? FILE_START;
    const from = given.offset <= stat.size ? given : FILE_START;
    const scan = await replay({ handle, framing, from, size: stat.size, onRecord });
    await cut({ path, handle, scan, onDamage: options.onDamage });
    return new FileAppendLog({ path, handle, framing, open, end: { offset: scan.end, seq: scan.seq } });
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
};

async function replay(context: {
  handle: FileHandle;
  framing: Framing;
  from: RecordPlace;
  size: number;
  onRecord: (payload: unknown, offset: number) => void;
}): Promise<ScanResult> {
  const { handle, framing, from, size, onRecord } = context;
  const scanner = new RecordScanner(framing, from, (payload, place) => {
    onRecord(payload, place.offset);
    return true;
  });
  let offset = from.offset;
  while (offset < size) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE, size - offset));
    const { bytesRead } = await handle.read(piece, 0, piece.length, offset);
    if (bytesRead === 0) break;
    scanner.push(piece.subarray(0, bytesRead));
    offset += bytesRead;
  }
  return scanner.finish();
}

async function cut(context: {
  path: string;
  handle: FileHandle;
  scan: ScanResult;
  onDamage: AppendLogOptions['onDamage'];
}): Promise<void> {
  const { path, handle, scan, onDamage } = context;
  try {
    for (const range of scan.damaged) await onDamage?.(path, range, 'damaged records');
    if (scan.torn === null) return;
    await onDamage?.(path, scan.torn, 'torn tail');
    await handle.truncate(scan.end);
    await handle.sync();
  } catch {
    // A full or read-only disk must not keep the log from being read.
  }
}

class FileAppendLog implements AppendLog {
  readonly #path: string;
  readonly #framing: Framing;
  readonly #open: OpenFile;
  readonly #commits: GroupCommit<readonly Buffer[], number[]>;
  #handle: FileHandle;
  #end: RecordPlace;
  /** A sync of this file failed: its unsynced pages may be gone though the next sync would say ok. */
  #distrusted = false;
  #closed = false;

  constructor(parts: {
    path: string;
    handle: FileHandle;
    framing: Framing;
    open: OpenFile;
    end: RecordPlace;
  }) {
    this.#path = parts.path;
    this.#handle = parts.handle;
    this.#framing = parts.framing;
    this.#open = parts.open;
    this.#end = parts.end;
    this.#commits = new GroupCommit((groups) => this.#flush(groups));
  }

  get end(): RecordPlace {
    return this.#end;
  }

  append(payloads: readonly unknown[]): Promise<number[]> {
    if (this.#closed) return Promise.reject(new BridgeError('unavailable', 'The log is closed'));
    try {
      return this.#commits.add(payloads.map((payload) => Buffer.from(JSON.stringify(payload))));
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  async read(offset: number): Promise<unknown> {
    let length = READ_GUESS;
    while (true) {
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await this.#handle.read(bytes, 0, length, offset);
      const parsed = this.#framing.parse(bytes.subarray(0, bytesRead), 0);
      if (parsed.kind === 'bad' || (parsed.kind === 'short' && bytesRead < length)) return undefined;
      if (parsed.kind === 'record') return JSON.parse(bytes.toString('utf8', parsed.start, parsed.end));
      length *= 8;
    }
  }

  async readMany(offsets: readonly number[]): Promise<Map<number, unknown>> {
    const found = new Map<number, unknown>();
    for (const cluster of toClusters(offsets)) {
      const start = cluster[0] ?? 0;
      const bytes = Buffer.allocUnsafe((cluster.at(-1) ?? start) - start + READ_GUESS);
      const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, start);
      for (const offset of cluster) {
        const parsed = this.#framing.parse(bytes.subarray(0, bytesRead), offset - start);
        const payload: unknown =
          parsed.kind === 'record'
            ? JSON.parse(bytes.toString('utf8', parsed.start, parsed.end))
            : await this.read(offset);
        if (payload !== undefined) found.set(offset, payload);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits.idle();
    await this.#handle.close();
  }

  async #flush(groups: (readonly Buffer[])[]): Promise<number[][]> {
    const { offset: start, seq: firstSeq } = this.#end;
    let offset = start;
    let seq = firstSeq;
    const lines: Buffer[] = [];
    const offsets = groups.map((group) =>
      group.map((json) => {
        seq += 1;
        const { bytes } = this.#framing.encode(seq, json);
        lines.push(bytes);
        offset += bytes.length;
        return offset - bytes.length;
      }),
    );
    try {
      if (this.#distrusted) await this.#replaceFile();
      await this.#write(Buffer.concat(lines), start);
    } catch (thrown) {
      throw toDiskError(thrown);
    }
    this.#end = { offset, seq };
    return offsets;
  }

  async #write(bytes: Buffer, start: number): Promise<void> {
    try {
      await writeAll(this.#handle, bytes, start);
    } catch (thrown) {
      // Part of it may be there: what was refused must not be found at the next start.
      await this.#handle.truncate(start).catch(() => {});
      throw thrown;
    }
    try {
      await this.#handle.datasync();
    } catch (thrown) {
      this.#distrusted = true;
      await this.#handle.truncate(start).catch(() => {});
      throw thrown;
    }
  }

  async #replaceFile(): Promise<void> {
    const fresh = await rewritePrefix(this.#open, this.#path, this.#handle, this.#end.offset);
    const old = this.#handle;
    this.#handle = fresh;
    await old.close().catch(() => {});
    await syncFolder(dirname(this.#path));
    this.#distrusted = false;
  }
}

/** Ascending groups of near offsets, each within a piece. */
function toClusters(offsets: readonly number[]): number[][] {
  const clusters: number[][] = [];
  let cluster: number[] = [];
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    const first = cluster[0] ?? offset;
    const before = cluster.at(-1) ?? offset;
    if (cluster.length === 0 || offset - before > NEAR || offset - first > PIECE) {
      cluster = [];
      clusters.push(cluster);
    }
    cluster.push(offset);
  }
  return clusters;
}
