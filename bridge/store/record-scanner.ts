/**
 * Walks the records of a log file piece by piece, skips what is damaged and says where. Never throws because of what
 * the bytes are, and never touches files.
 */
import { type Framing, RECORD_MARK } from './journal-record.ts';

export type ByteRange = { start: number; end: number };
export type RecordPlace = { offset: number; seq: number };
/** Answers false when the payload makes no sense to the caller: the record then counts as damaged. */
export type RecordVisitor = (payload: unknown, place: RecordPlace) => boolean | undefined;

export type ScanResult = {
  /** File offset after the last good record. */
  end: number;
  seq: number;
  /** CRC of the last good record; 0 when there is none. */
  crc: number;
  records: number;
  /** Bad bytes with a good record after them. An empty range is a gap in the numbers. */
  damaged: readonly ByteRange[];
  /** Bad bytes with no good record after them. */
  torn: ByteRange | null;
};

const EMPTY = Buffer.alloc(0);

export class RecordScanner {
  readonly #framing: Framing;
  readonly #visit: RecordVisitor;
  readonly #damaged: ByteRange[] = [];
  #window: Buffer = EMPTY;
  /** Pushed but not yet looked at: joined when as long as the window, so that a long record costs linear time. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** File offset of the window's first byte. */
  #base: number;
  #badFrom: number | null = null;
  #end: number;
  #seq: number;
  #crc = 0;
  #records = 0;

  /** `from`: where the first byte pushed stands in the file, and the seq of the record before it. */
  constructor(framing: Framing, from: RecordPlace, visit: RecordVisitor) {
    this.#framing = framing;
    this.#visit = visit;
    this.#base = from.offset;
    this.#end = from.offset;
    this.#seq = from.seq;
  }

  push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes < this.#window.length) return;
    this.#join();
    this.#consume(false);
  }

  finish(): ScanResult {
    this.#join();
    this.#consume(true);
    const size = this.#base + this.#window.length;
    const torn = this.#badFrom === null ? null : { start: this.#badFrom, end: size };
    return {
      end: this.#end,
      seq: this.#seq,
      crc: this.#crc,
      records: this.#records,
      damaged: this.#damaged,
      torn,
    };
  }

  #join(): void {
    const pieces = this.#window.length === 0 ? this.#pending : [this.#window, ...this.#pending];
    this.#window = pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #consume(last: boolean): void {
    let at = 0;
    while (at < this.#window.length) {
      const parsed = this.#framing.parse(this.#window, at);
      if (parsed.kind === 'short' && !last) break;
      if (parsed.kind === 'record' && this.#accept(parsed, at)) {
        at = parsed.next;
        continue;
      }
      this.#badFrom ??= this.#base + at;
      const next = this.#window.indexOf(RECORD_MARK, at + 1, 'latin1');
      if (next === -1 && !last) {
        // The mark may be cut by the window's end.
        at = Math.max(at + 1, this.#window.length - RECORD_MARK.length + 1);
        break;
      }
      at = next === -1 ? this.#window.length : next;
    }
    this.#base += at;
    this.#window = at === 0 ? this.#window : this.#window.subarray(at);
  }

  #accept(
    frame: { seq: number; crc: number; start: number; end: number; next: number },
    at: number,
  ): boolean {
    if (frame.seq <= this.#seq) return false;
    const offset = this.#base + at;
    let payload: unknown;
    try {
      payload = JSON.parse(this.#window.toString('utf8', frame.start, frame.end));
    } catch {
      return false;
    }
    if (this.#visit(payload, { offset, seq: frame.seq }) === false) return false;
    if (this.#badFrom !== null) this.#damaged.push({ start: this.#badFrom, end: offset });
    else if (frame.seq !== this.#seq + 1) this.#damaged.push({ start: offset, end: offset });
    this.#badFrom = null;
    this.#seq = frame.seq;
    this.#crc = frame.crc;
    this.#records += 1;
    this.#end = this.#base + frame.next;
    return true;
  }
}
