/**
 * Reads all segments of the journal at start, in order: valid records, what is torn, what is damaged. Never throws
 * because of what the bytes are, never deletes anything but an empty segment file, and knows no batch rules.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalPayload, type JournalRecord, journalPayloadSchema } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { PRIVATE_FOLDER } from './disk.ts';
import type { ClosedSegment } from './journal.ts';
import {
  JOURNAL_FORMAT,
  parseHeader,
  parseSegmentName,
  type SegmentHeader,
  segmentFraming,
  toSegmentName,
} from './journal-segment.ts';
import type { Quarantine } from './quarantine.ts';
import { readRegularFile } from './read-regular-file.ts';
import { RecordScanner, type ScanResult } from './record-scanner.ts';

export type JournalLoad = {
  folder: string;
  log: Log;
  quarantine: Quarantine;
  /** Called for each damaged segment: its path, why, and its copy's name in the quarantine. */
  report(path: string, reason: string): void;
};
export type LoadedJournal = {
  records: JournalRecord[];
  closed: ClosedSegment[];
  nextId: number;
  last: { seq: number; crc: number };
};

type Segment = {
  id: number;
  path: string;
  bytes: Buffer | null;
  head: { header: SegmentHeader; end: number } | null;
};
type Scanned = ScanResult & { records: number; unknown: number };

const knownKinds: ReadonlySet<string> = new Set(
  journalPayloadSchema.options.flatMap((option) => [...option.shape.k.values]),
);

export function loadJournal(load: JournalLoad): LoadedJournal {
  mkdirSync(load.folder, { recursive: true, mode: PRIVATE_FOLDER });
  const ids = readdirSync(load.folder)
    .map(parseSegmentName)
    .filter((id) => id !== null)
    .sort((a, b) => a - b);
  const state: LoadedJournal = {
    records: [],
    closed: [],
    nextId: (ids.at(-1) ?? 0) + 1,
    last: { seq: 0, crc: 0 },
  };
  let segment = ids[0] === undefined ? null : readSegment(load.folder, ids[0]);
  if (segment?.head) state.last = { seq: segment.head.header.seq, crc: segment.head.header.crc };
  for (let index = 0; segment !== null; index += 1) {
    const nextId = ids[index + 1];
    const next: Segment | null = nextId === undefined ? null : readSegment(load.folder, nextId);
    takeSegment(load, state, segment, next);
    segment = next;
  }
  return state;
}

function readSegment(folder: string, id: number): Segment {
  const path = join(folder, toSegmentName(id));
  const bytes = readRegularFile(path);
  if (!Buffer.isBuffer(bytes)) return { id, path, bytes: null, head: null };
  return { id, path, bytes, head: parseHeader(bytes, id) };
}

/**
 * A record above the seq named by the next header was never acknowledged in this segment (its write or sync failed and
 * it was written again in the next), so it is passed over and is no damage.
 */
function takeSegment(load: JournalLoad, state: LoadedJournal, segment: Segment, next: Segment | null): void {
  const { path, bytes, head } = segment;
  if (bytes === null) {
    damaged(load, segment, 'the segment cannot be read');
    return;
  }
  if (head !== null && head.header.format > JOURNAL_FORMAT) load.report(path, 'newer journal format');
  const limit = next?.head ? lastBefore(next.head.header) : Number.POSITIVE_INFINITY;
  const scan = scanSegment(state, segment, bytes, limit);
  const reason = findDamage(segment, scan, next, limit);
  const gapBefore = head !== null && lastBefore(head.header) > state.last.seq;
  // What is missing at its end is told once, here, and not again as a gap before the next.
  state.last = { seq: Number.isFinite(limit) ? limit : scan.seq, crc: scan.crc };
  if (reason !== null || gapBefore)
    damaged(load, segment, reason ?? 'records before this segment are missing');
  else if (next === null && scan.torn !== null) cutTail(load, segment, scan.end);
  if (bytes.length === 0) removeEmpty(load, path);
  else if (next !== null || scan.end > 0) state.closed.push({ path, lastSeq: scan.seq });
}

/** Seq of the record before a segment. */
function lastBefore({ seq, from }: SegmentHeader): number {
  return from ?? seq;
}

function scanSegment(state: LoadedJournal, segment: Segment, bytes: Buffer, limit: number): Scanned {
  const { head, id } = segment;
  const from = { offset: head?.end ?? 0, seq: Math.max(head?.header.seq ?? 0, state.last.seq) };
  let unknown = 0;
  const scanner = new RecordScanner(segmentFraming(id), from, (payload, { seq }) => {
    if (seq > limit) return false;
    if (isKnown(payload)) state.records.push({ seq, payload });
    else unknown += 1;
    return true;
  });
  scanner.push(bytes.subarray(from.offset));
  const scan = scanner.finish();
  const crc = scan.records > 0 ? scan.crc : (head?.header.crc ?? state.last.crc);
  return { ...scan, crc, unknown };
}

function findDamage(segment: Segment, scan: Scanned, next: Segment | null, limit: number): string | null {
  const { head, bytes } = segment;
  if (head === null && (scan.records > 0 || (next !== null && bytes?.length !== 0)))
    return 'the header is damaged';
  if (scan.damaged.length > 0) return 'records are damaged';
  if (scan.unknown > 0) return 'records of an unknown kind';
  if (next === null) return null;
  if (next.head === null) return scan.torn === null ? null : 'records are damaged';
  if (scan.seq < limit) return 'records at its end are missing';
  return next.head.header.crc === scan.crc || scan.records === 0
    ? null
    : 'the next segment does not belong to it';
}

/** After the CRC: only what a later version could have written otherwise. */
function isKnown(payload: unknown): payload is JournalPayload {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'k' in payload &&
    typeof payload.k === 'string' &&
    knownKinds.has(payload.k)
  );
}

function damaged(load: JournalLoad, segment: Segment, reason: string): void {
  const name = toSegmentName(segment.id);
  load.quarantine.copy(segment.path, { name, reason, once: true });
  load.report(segment.path, reason);
}

/** A write that a crash cut short, never acknowledged. Without a copy in the quarantine it is left: the next header closes it. */
function cutTail(load: JournalLoad, segment: Segment, end: number): void {
  const { path, bytes } = segment;
  const size = bytes?.length ?? 0;
  const name = `${toSegmentName(segment.id)}.tail`;
  const kept = load.quarantine.copy(path, { name, reason: 'torn tail', range: { start: end, end: size } });
  load.log.info({ path, bytes: size - end, kept }, 'A torn journal tail was cut');
  if (kept === null) return;
  try {
    if (end === 0) {
      unlinkSync(path);
      return;
    }
    const file = openSync(path, 'r+');
    ftruncateSync(file, end);
    fsyncSync(file);
    closeSync(file);
  } catch (thrown) {
    load.log.warn({ err: thrown, path }, 'A torn journal tail could not be cut');
  }
}

/** A crash between creating a segment and writing its header. */
function removeEmpty(load: JournalLoad, path: string): void {
  try {
    unlinkSync(path);
  } catch (thrown) {
    load.log.warn({ err: thrown, path }, 'An empty journal segment could not be removed');
  }
}
