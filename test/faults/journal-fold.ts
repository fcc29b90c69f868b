/**
 * An independent reader of journal and state files, written from the format's description and sharing no code with the
 * product: what a data folder of these bytes has acknowledged. For campaigns that compare it with what the engine says.
 */
import { crc32 } from 'node:zlib';

export type Item = 'processed' | 'failed' | 'skipped';
export type BatchFacts = { status: string; priority: number; holds: string[]; settled: Record<number, Item> };
export type Facts = Record<string, BatchFacts>;

type Payload = { k: string; b?: string } & Record<string, unknown>;
/** `start` to `end`: its bytes in the segment, newline included. */
export type ReadRecord = { seq: number; start: number; end: number; payload: Payload };

const LINE = /^PB1 (\d+) ([0-9a-f]{8}) (\d+) ([^\n]*)\n/;

/** Whole records from the begin on, header included, up to the first byte that belongs to none. */
export function readSegment(bytes: Buffer, segmentId: number): ReadRecord[] {
  const records: ReadRecord[] = [];
  for (let start = 0; ; ) {
    // Latin-1 keeps one character a byte.
    const [line, length, crc, seq, json] = LINE.exec(bytes.toString('latin1', start)) ?? [];
    if (line === undefined || json === undefined || Number(length) !== json.length) return records;
    const end = start + line.length;
    const payload = Buffer.from(json, 'latin1');
    const sum = crc32(Buffer.concat([Buffer.from(`journal ${segmentId} ${length} ${seq} `), payload]));
    if (sum.toString(16).padStart(8, '0') !== crc) return records;
    records.push({ seq: Number(seq), start, end, payload: JSON.parse(payload.toString('utf8')) });
    start = end;
  }
}

const after: Record<string, string> = {
  start: 'running',
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
  complete: 'completed',
  fail: 'failed',
  retry: 'running',
  recover: 'paused',
};
const ended = new Set(['completed', 'failed', 'cancelled']);

/** `files`: the state files (parsed); `records`: in order, of all segments, headers left out. */
export function foldRecords(files: readonly StateLike[], records: readonly ReadRecord[]): Facts {
  const facts: Facts = {};
  const seqs: Record<string, number> = {};
  const take = (file: StateLike, seq: number) => {
    facts[file.batch_id] = fromFile(file);
    seqs[file.batch_id] = seq;
  };
  for (const file of files) take(file, file._seq ?? 0);
  for (const { seq, payload } of records) {
    const id = payload.b ?? '';
    if (payload.k === 'created' && facts[id] === undefined) take(payload.file as StateLike, seq);
    else if (payload.k === 'removed') delete facts[id];
    else if (payload.k === 'cleaned') {
      const again = files.find((file) => file.batch_id === id);
      if (again !== undefined) take(again, seq);
    } else {
      const batch = facts[id];
      if (batch !== undefined && seq > (seqs[id] ?? 0)) apply(batch, payload);
    }
  }
  return facts;
}

export type StateLike = {
  batch_id: string;
  status: string;
  photo_ids: number[];
  processed_photo_ids: number[];
  failed_photo_ids: number[];
  _seq?: number;
  _priority?: number;
  _skipped?: number[];
  _holds?: { owner: string }[];
};

function fromFile(file: StateLike): BatchFacts {
  const settled: Record<number, Item> = {};
  for (const [index, id] of file.photo_ids.entries()) {
    if (file.processed_photo_ids.includes(id))
      settled[index] = file._skipped?.includes(index) ? 'skipped' : 'processed';
    else if (file.failed_photo_ids.includes(id)) settled[index] = 'failed';
  }
  const holds = (file._holds ?? []).map((hold) => hold.owner);
  return { status: file.status, priority: file._priority ?? 5, holds, settled };
}

function apply(batch: BatchFacts, payload: Payload): void {
  const set = payload.set as { _priority?: number; _holds?: { owner: string }[] } | undefined;
  if (payload.k === 'done' || payload.k === 'failed') {
    const { i, s } = payload.r as { i: number; s: Item };
    if (!ended.has(batch.status)) batch.settled[i] ??= s;
  }
  if (payload.k === 'action') {
    const action = String(payload.action);
    batch.status = after[action] ?? batch.status;
    const withoutUser = batch.holds.filter((owner) => owner !== 'user');
    if (action === 'pause' || action === 'recover') batch.holds = [...withoutUser, 'user'];
    if (action === 'resume') batch.holds = withoutUser;
    if (ended.has(batch.status)) batch.holds = [];
    for (const index of (payload.items as number[] | undefined) ?? []) delete batch.settled[index];
  }
  if (set?._priority !== undefined) batch.priority = set._priority;
  if (set?._holds !== undefined) batch.holds = set._holds.map((hold) => hold.owner);
}
