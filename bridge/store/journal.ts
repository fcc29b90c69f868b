/**
 * The writer of the journal: group commit over segments, read-only mode when the disk refuses, deletion of what a
 * checkpoint covers. Knows nothing of what records mean, and never waits for the disk on the event loop.
 */
import { constants } from 'node:fs';
import { statfs } from 'node:fs/promises';
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
import type { Reserve } from './reserve.ts';

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
  /** Room for essential records on a disk that is full. */
  reserve?: Reserve | undefined;
  /** Told when read-only mode began or ended. */
  onRefusalChange?: (() => void) | undefined;
  /** Told of every group of records that is on disk; milliseconds with the sync. */
  onWrite?: ((write: { records: number; milliseconds: number }) => void) | undefined;
};

type Group = { jsons: readonly Buffer[]; essential: boolean };

export class Journal {
  readonly #folder: string;
  readonly #log: Log;
  readonly #open: OpenFile;
  readonly #segmentBytes: number;
  readonly #probeMs: number;
  readonly #reserve: Reserve | null;
  readonly #onRefusalChange: () => void;
  readonly #onWrite: JournalOptions['onWrite'];
  readonly #commits: GroupCommit<Group, number>;
  #nextId: number;
  #seq: number;
  #crc: number;
  /** The last number before those that were left out; null when the open segment's header tells of it. */
  #raisedFrom: number | null = null;
  #closedSegments: ClosedSegment[];
  #segment: OpenSegment | null = null;
  /** The next write goes to a new segment. */
  #rollNext = true;
  #refusal: BridgeError | null = null;
  /** The disk is full and the reserve was given up: essential records still go. */
  #lastRoom = false;
  #probe: NodeJS.Timeout | null = null;
  #probing: Promise<void> = Promise.resolve();
  #ended = false;

  private constructor(options: JournalOptions) {
    this.#folder = options.folder;
    this.#log = options.log;
    this.#open = options.open ?? openFile;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#probeMs = options.probeMs ?? PROBE_MS;
    this.#reserve = options.reserve ?? null;
    this.#onRefusalChange = options.onRefusalChange ?? (() => {});
    this.#onWrite = options.onWrite;
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
      journal.#probing = journal.#keepReserve();
    } catch (thrown) {
      if (await journal.#giveUpReserve(thrown))
        await journal.#roll().catch(() => {
          journal.#lastRoom = false;
        });
      journal.#refuse(thrown);
    }
    return journal;
  }

  /** Seq of the last record on disk. */
  get seq(): number {
    return this.#seq;
  }

  /** Null when changes can be written; else the refusal that each one gets. */
  get refusal(): BridgeError | null {
    return this.#refusal;
  }

  /** See `BatchStore.append`. */
  append(payloads: readonly JournalPayload[], { essential = false } = {}): Promise<number> {
    const refusal = this.#ended
      ? new BridgeError('unavailable', 'The daemon is shutting down')
      : this.#refusalOf(essential);
    if (refusal !== null) return Promise.reject(renewed(refusal));
    try {
      const jsons = payloads.map((payload) => Buffer.from(JSON.stringify(payload)));
      return this.#commits.add({ jsons, essential });
    } catch (thrown) {
      return Promise.reject(toError(thrown));
    }
  }

  /** Records above `seq` have been seen elsewhere (the journal lost its own): numbers go on from there. */
  raiseSeq(seq: number): void {
    if (seq <= this.#seq) return;
    this.#raisedFrom ??= this.#seq;
    this.#seq = seq;
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

  #refusalOf(essential: boolean): BridgeError | null {
    return essential && this.#lastRoom ? null : this.#refusal;
  }

  async #flush(groups: Group[]): Promise<number[]> {
    const essential = groups.every((group) => group.essential);
    // Appended before, refused meanwhile.
    const refusal = this.#refusalOf(essential);
    if (refusal !== null) throw renewed(refusal);
    let seq = this.#seq;
    const results = groups.map((group) => {
      seq += group.jsons.length;
      return seq;
    });
    const jsons = groups.flatMap((group) => group.jsons);
    if (jsons.length === 0) return results;
    const beganAt = performance.now();
    await this.#write(jsons, essential);
    this.#onWrite?.({ records: jsons.length, milliseconds: performance.now() - beganAt });
    this.#seq = seq;
    return results;
  }

  /** Twice; on a full disk once more in the room of the reserve, if the records are worth it. */
  async #write(jsons: readonly Buffer[], essential: boolean): Promise<void> {
    try {
      await this.#writeOnce(jsons).catch(async (thrown: unknown) => {
        this.#log.warn({ err: thrown }, 'A journal write failed: trying once more in a new segment');
        await this.#writeOnce(jsons);
      });
    } catch (thrown) {
      const hasRoom = await this.#giveUpReserve(thrown);
      this.#refuse(thrown);
      if (!hasRoom || !essential) throw toDiskError(thrown);
      await this.#writeOnce(jsons).catch((again: unknown) => {
        this.#lastRoom = false;
        throw toDiskError(again);
      });
    }
  }

  /** True when the disk is full and the room of the reserve is free from now on. */
  async #giveUpReserve(thrown: unknown): Promise<boolean> {
    const isFull = toDiskError(thrown).code === 'disk_full';
    this.#lastRoom = isFull && !this.#lastRoom && ((await this.#reserve?.release()) ?? false);
    return this.#lastRoom;
  }

  async #keepReserve(): Promise<void> {
    await this.#reserve?.fill().catch((thrown: unknown) => {
      this.#log.warn({ err: thrown }, 'No room for the reserve of the journal');
    });
  }

  async #writeOnce(jsons: readonly Buffer[]): Promise<void> {
    let segment = this.#segment;
    if (segment === null || segment.failed || this.#rollNext || segment.size >= this.#segmentBytes)
      segment = await this.#roll();
    this.#crc = await segment.write(jsons, this.#seq + 1);
    this.#raisedFrom = null;
  }

  /** From its first step on, the segment before is not written to again: the new header names its last record. */
  async #roll(): Promise<OpenSegment> {
    this.#rollNext = true;
    const id = this.#nextId;
    this.#nextId += 1;
    const last = { seq: this.#seq, crc: this.#crc };
    const raisedFrom = this.#raisedFrom;
    const header = raisedFrom === null ? last : { ...last, from: raisedFrom };
    const fresh = await OpenSegment.create(this.#open, this.#folder, id, header);
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
    const wasRefusing = this.#refusal !== null;
    this.#refusal = toDiskError(thrown);
    this.#log.error({ err: thrown }, 'The journal cannot be written to: read-only from now on');
    if (!wasRefusing) this.#onRefusalChange();
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
      await this.#reserve?.fill();
      await this.#roll();
    } catch (thrown) {
      this.#refusal = toDiskError(thrown);
      return;
    }
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#probe = null;
    this.#refusal = null;
    this.#lastRoom = false;
    this.#log.info('The journal can be written to again');
    this.#onRefusalChange();
  }

  async #probeDisk(): Promise<void> {
    // Asked first: on a full disk the probe itself would take the last room from what is still being recorded.
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize < PROBE_BYTES + (this.#reserve?.bytes ?? 0))
      throw Object.assign(new Error('no room yet'), { code: 'ENOSPC' });
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
