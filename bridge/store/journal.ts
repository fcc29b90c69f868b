/**
 * The writer of the journal: group commit over segments, read-only mode when the disk refuses, deletion of what a
 * checkpoint covers. Knows nothing of what records mean, and never waits for the disk on the event loop.
 */
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { JournalPayload } from '../contract/index.ts';
import { BridgeError, toError } from '../errors.ts';
import type { Log } from '../log.ts';
import {
  type OpenFile,
  openFile,
  PRIVATE_FILE,
  removeIfThere,
  SAFE_FLAGS,
  toDiskError,
  writeAll,
} from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import { OpenSegment } from './journal-segment.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
const PROBE_MS = 2000;
/** Room the disk must have before read-only mode ends, so that it does not end and begin with every append. */
const PROBE_BYTES = 1024 * 1024;

/** A segment no longer written to. */
export type ClosedSegment = { path: string; lastSeq: number };

export type JournalOptions = {
  /** Must exist. */
  folder: string;
  log: Log;
  /** Id of the first segment this writer creates. */
  nextId: number;
  last: { seq: number; crc: number };
  /** Oldest first. */
  closed: readonly ClosedSegment[];
  open?: OpenFile | undefined;
  segmentBytes?: number | undefined;
  probeMs?: number | undefined;
};

export class Journal {
  readonly #folder: string;
  readonly #log: Log;
  readonly #open: OpenFile;
  readonly #segmentBytes: number;
  readonly #probeMs: number;
  readonly #commits: GroupCommit<readonly Buffer[], number>;
  #nextId: number;
  #seq: number;
  #crc: number;
  #closedSegments: ClosedSegment[];
  #segment: OpenSegment | null = null;
  /** The next write goes to a new segment. */
  #rollNext = true;
  #refusal: BridgeError | null = null;
  #probe: NodeJS.Timeout | null = null;
  #probing: Promise<void> = Promise.resolve();
  #ended = false;

  private constructor(options: JournalOptions) {
    this.#folder = options.folder;
    this.#log = options.log;
    this.#open = options.open ?? openFile;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#probeMs = options.probeMs ?? PROBE_MS;
    this.#nextId = options.nextId;
    this.#seq = options.last.seq;
    this.#crc = options.last.crc;
    this.#closedSegments = [...options.closed];
    this.#commits = new GroupCommit((groups) => this.#flush(groups));
  }

  /** Begins a new segment. On a disk that refuses, the journal starts in read-only mode. */
  static async start(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    try {
      await journal.#roll();
    } catch (thrown) {
      journal.#refuse(thrown);
    }
    return journal;
  }

  /** Seq of the last record on disk. */
  get seq(): number {
    return this.#seq;
  }

  readOnlyReason(): string | null {
    return this.#refusal?.message ?? null;
  }

  /** See `BatchStore.append`. */
  append(payloads: readonly JournalPayload[]): Promise<number> {
    const refusal = this.#ended
      ? new BridgeError('unavailable', 'The daemon is shutting down')
      : this.#refusal;
    if (refusal !== null) return Promise.reject(renewed(refusal));
    try {
      return this.#commits.add(payloads.map((payload) => Buffer.from(JSON.stringify(payload))));
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  /** Records above `seq` have been seen elsewhere (the journal lost its own): numbers go on from there. */
  raiseSeq(seq: number): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.#crc = 0;
    this.#rollNext = true;
  }

  /** See `BatchStore.checkpoint`. Oldest first, so that what is kept has no gap. */
  async checkpoint(coveredSeq: number): Promise<void> {
    await this.append([{ k: 'checkpoint', covered: coveredSeq }]);
    while (this.#closedSegments[0] !== undefined && this.#closedSegments[0].lastSeq <= coveredSeq) {
      const [oldest] = this.#closedSegments.splice(0, 1);
      if (oldest === undefined) return;
      try {
        await removeIfThere(oldest.path);
      } catch (thrown) {
        this.#log.warn({ err: thrown, path: oldest.path }, 'A covered journal segment could not be deleted');
        this.#closedSegments.unshift(oldest);
        return;
      }
    }
  }

  /** Finishes what was appended. */
  async close(): Promise<void> {
    this.#ended = true;
    if (this.#probe !== null) clearInterval(this.#probe);
    await this.#probing;
    await this.#commits.idle();
    await this.#segment?.close();
    this.#segment = null;
  }

  async #flush(groups: (readonly Buffer[])[]): Promise<number[]> {
    // Appended before, refused meanwhile.
    if (this.#refusal !== null) throw renewed(this.#refusal);
    let seq = this.#seq;
    const results = groups.map((group) => {
      seq += group.length;
      return seq;
    });
    const jsons = groups.flat();
    if (jsons.length === 0) return results;
    try {
      await this.#writeOnce(jsons).catch(async (thrown: unknown) => {
        this.#log.warn({ err: thrown }, 'A journal write failed: trying once more in a new segment');
        await this.#writeOnce(jsons);
      });
      this.#seq = seq;
      return results;
    } catch (thrown) {
      this.#refuse(thrown);
      throw toDiskError(thrown);
    }
  }

  async #writeOnce(jsons: readonly Buffer[]): Promise<void> {
    let segment = this.#segment;
    if (segment === null || segment.failed || this.#rollNext || segment.size >= this.#segmentBytes)
      segment = await this.#roll();
    this.#crc = await segment.write(jsons, this.#seq + 1);
  }

  /** From its first step on, the segment before is not written to again: the new header names its last record. */
  async #roll(): Promise<OpenSegment> {
    this.#rollNext = true;
    const id = this.#nextId;
    this.#nextId += 1;
    const fresh = await OpenSegment.create(this.#open, this.#folder, id, { seq: this.#seq, crc: this.#crc });
    const old = this.#segment;
    this.#segment = fresh;
    this.#rollNext = false;
    if (old !== null) await this.#retire(old);
    return fresh;
  }

  async #retire(old: OpenSegment): Promise<void> {
    await old.close();
    // One without records is no link of the chain: it may go.
    const gone = old.isEmpty && (await removeIfThere(old.path).catch(() => false));
    if (!gone) this.#closedSegments.push({ path: old.path, lastSeq: this.#seq });
  }

  #refuse(thrown: unknown): void {
    this.#refusal = toDiskError(thrown);
    this.#log.error({ err: thrown }, 'The journal cannot be written to: read-only from now on');
    if (this.#probe !== null || this.#ended) return;
    this.#probe = setInterval(() => {
      this.#probing = this.#probing.then(() => this.#tryAgain());
    }, this.#probeMs);
    this.#probe.unref();
  }

  async #tryAgain(): Promise<void> {
    if (this.#refusal === null || this.#ended) return;
    try {
      await this.#probeDisk();
      await this.#roll();
    } catch (thrown) {
      this.#refusal = toDiskError(thrown);
      return;
    }
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#probe = null;
    this.#refusal = null;
    this.#log.info('The journal can be written to again');
  }

  async #probeDisk(): Promise<void> {
    const path = join(this.#folder, '.probe.tmp');
    await removeIfThere(path);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SAFE_FLAGS;
    const handle = await this.#open(path, flags, PRIVATE_FILE);
    try {
      await writeAll(handle, Buffer.alloc(PROBE_BYTES), 0);
      await handle.sync();
    } finally {
      await handle.close();
      await removeIfThere(path);
    }
  }
}

/** The same refusal with a stack of its own. */
function renewed(refusal: BridgeError): BridgeError {
  return new BridgeError(refusal.code, refusal.message, refusal.extensions);
}
