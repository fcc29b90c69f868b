/**
 * One record of a log as one text line, `PB1 <len> <crc32> <seq> <json>\n`: encoding and parsing, pure.
 * Never touches files and knows nothing of what a payload means.
 */
import { crc32 } from 'node:zlib';

/** Length of the JSON in bytes; a longer one is not a record (bounds what a damaged length can make us read). */
export const MAX_PAYLOAD_BYTES = 128 * 1024 * 1024;
export const RECORD_MARK = 'PB1 ';

const MARK = Buffer.from(RECORD_MARK, 'latin1');
const SPACE = 0x20;
const NEWLINE = 0x0a;
const ZERO = 0x30;
const MAX_LENGTH_DIGITS = 9;
const MAX_SEQ_DIGITS = 16;
const MAX_SEEDS = 4096;

/** `start` to `end` is the JSON, `next` the place after the newline; all are indices into the parsed buffer. */
export type Frame = { kind: 'record'; seq: number; crc: number; start: number; end: number; next: number };
/** `short`: the buffer ends before the record does. `bad`: more bytes would not help. */
export type ParsedRecord = Frame | { kind: 'short' } | { kind: 'bad' };

const SHORT: ParsedRecord = { kind: 'short' };
const BAD: ParsedRecord = { kind: 'bad' };

/**
 * Encoder and parser of the records of one file. The CRC-32 covers `<scope> <len> <seq> <json>`, so a record copied
 * into another segment, or to another place in the order, is not valid there.
 */
export type Framing = {
  encode(seq: number, json: Uint8Array): { bytes: Buffer; crc: number };
  parse(bytes: Buffer, at: number): ParsedRecord;
};

export function createFraming(scope: string): Framing {
  const seeds = new Map<number, number>();
  const seedOf = (length: number): number => {
    let seed = seeds.get(length);
    if (seed === undefined) {
      seed = crc32(`${scope} ${length} `);
      if (seeds.size >= MAX_SEEDS) seeds.clear();
      seeds.set(length, seed);
    }
    return seed;
  };
  return {
    encode(seq, json) {
      const crc = crc32(json, crc32(`${seq} `, seedOf(json.length)));
      const head = `${RECORD_MARK}${json.length} ${toHex(crc)} ${seq} `;
      const bytes = Buffer.allocUnsafe(head.length + json.length + 1);
      bytes.write(head, 0, 'latin1');
      bytes.set(json, head.length);
      bytes[bytes.length - 1] = NEWLINE;
      return { bytes, crc };
    },
    parse: (bytes, at) => parse(bytes, at, seedOf),
  };
}

export function toHex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function parse(bytes: Buffer, at: number, seedOf: (length: number) => number): ParsedRecord {
  if (!startsWithMark(bytes, at))
    return bytes.length - at < MARK.length && isMarkPrefix(bytes, at) ? SHORT : BAD;
  const length = readNumber(bytes, at + MARK.length, MAX_LENGTH_DIGITS);
  if (typeof length !== 'object') return length === 'short' ? SHORT : BAD;
  if (length.value > MAX_PAYLOAD_BYTES) return BAD;
  const crcAt = length.next;
  const crc = readHex(bytes, crcAt);
  if (crc < 0) return bytes.length < crcAt + 9 ? SHORT : BAD;
  const seqAt = crcAt + 9;
  const seq = readNumber(bytes, seqAt, MAX_SEQ_DIGITS);
  if (typeof seq !== 'object') return seq === 'short' ? SHORT : BAD;
  const start = seq.next;
  const end = start + length.value;
  if (end + 1 > bytes.length) return SHORT;
  if (bytes[end] !== NEWLINE) return BAD;
  if (crc32(bytes.subarray(seqAt, end), seedOf(length.value)) !== crc) return BAD;
  return { kind: 'record', seq: seq.value, crc, start, end, next: end + 1 };
}

function startsWithMark(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === MARK[0] && bytes[at + 1] === MARK[1] && bytes[at + 2] === MARK[2] && bytes[at + 3] === SPACE
  );
}

function isMarkPrefix(bytes: Buffer, at: number): boolean {
  for (let index = at; index < bytes.length; index += 1) if (bytes[index] !== MARK[index - at]) return false;
  return true;
}

/** Decimal digits closed by one space. */
function readNumber(
  bytes: Buffer,
  from: number,
  maxDigits: number,
): { value: number; next: number } | 'short' | 'bad' {
  let value = 0;
  for (let index = from; index <= from + maxDigits; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return 'short';
    if (byte === SPACE)
      return index > from && Number.isSafeInteger(value) ? { value, next: index + 1 } : 'bad';
    if (byte < ZERO || byte > ZERO + 9) return 'bad';
    value = value * 10 + (byte - ZERO);
  }
  return 'bad';
}

/** Eight lowercase hex digits closed by one space, or -1. */
function readHex(bytes: Buffer, from: number): number {
  let value = 0;
  for (let index = from; index < from + 8; index += 1) {
    const byte = bytes[index] ?? 0;
    const digit =
      byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return bytes[from + 8] === SPACE ? value : -1;
}
